"""A lesson reaches the drawing, and we can prove it: from the pack to the later case, in real browsers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from casebook.models import Answer, CasePage, LinkVisit, PackItem, Project, Recurrence, ReviewPack
from casebook.services.bulk import PublishedCase, file_published_cases
from casebook.services.importing import import_cases
from casebook.services.packing import build_pack, hand_over, start_project
from casebook.vocabulary import Component, ItemState, Library, PackState, ReviewStage
from cms.sample_data import sample_cases, sample_fields
from estates.factories import make_person
from estates.models import Estate
from estates.roles import Role
from media.factories import draw_sheets
from tests.acceptance.conftest import TABLET, People, snap
from tests.conftest import World

IMPORTED, ITEMS, MOST_KEYS = 400, 40, 5
OUTSIDE = "hvac"
NOT_AVOIDED = "地下车库顶板变形缝渗漏"
RECURRED = "玄关无插座"


@dataclass
class Keys:
    """Keystrokes beside what is typed as drawing number and note, and page loads, item by item."""

    page: Page
    pressed: int = 0
    loads: int = 0
    counts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("load", lambda _page: self.loaded())

    def loaded(self) -> None:
        self.loads += 1

    def press(self, key: str) -> None:
        self.pressed += 1
        self.page.keyboard.press(key)

    def answer(self, verdict: str, words: str, save: str) -> None:
        """One item, from choosing the verdict to the next item standing there."""
        item = self.page.locator(".answer-item")
        here, before = str(item.get_attribute("data-id")), self.pressed
        self.press(verdict)
        self.page.keyboard.type(words)
        self.press(save)
        expect(self.page.locator(f'.desk-items [data-item="{here}"] .state')).to_have_text("待核对")
        if self.page.locator(".desk-items .state.open").count():
            expect(item).not_to_have_attribute("data-id", here)
        self.counts.append(self.pressed - before)


def file_lessons(estate: Estate) -> None:
    """Thirty written lessons beside the imported complaints; none says how grave it was, as the imported ones."""
    lessons = [
        PublishedCase(estate, date(2026, 1, 5), sample_fields(row) | {"severity": None}, f"sample-{n}")
        for n, row in enumerate(sample_cases()[:30])
    ]
    file_published_cases(lessons, by=None)


def prepare(people: People, page: Page, estate: Estate, folder: Path | None) -> ReviewPack:
    """The manager starts a project, builds a pack and hands it over."""
    page.goto(f"{people.address}/projects/new/")
    page.select_option("#id_estate", str(estate.pk))
    page.fill("#id_name", "一期")
    page.select_option("#id_climate", "cold")
    page.get_by_label("高层住宅", exact=True).check()
    page.get_by_role("button", name="建立").click()
    stage = page.locator("section.card", has_text="施工图设计")
    stage.get_by_text("建审查包").click()
    stage.get_by_role("button", name="建", exact=True).click()
    expect(page.locator(".pack-item")).to_have_count(ITEMS)
    snap(page, folder, "review-1-prepared")
    page.get_by_role("button", name="交出审查").click()
    expect(page.get_by_text("已交出")).to_be_visible()
    snap(page, folder, "review-2-handed-over")
    return ReviewPack.objects.get()


def two_people_on_one_item(people: People, designer: Page, reader: Page, keys: Keys, folder: Path | None) -> None:
    """The second sees the first's answer; what he typed is still there, and nothing is overwritten."""
    item = str(designer.locator(".answer-item").get_attribute("data-id"))
    expect(reader.locator(".answer-item")).to_have_attribute("data-id", item)
    keys.answer("1", "建施-01", "Enter")
    reader.keyboard.press("2")
    reader.keyboard.type("本项目没有这个部位")
    reader.keyboard.press("Control+Enter")
    expect(reader.get_by_role("alert")).to_contain_text("示例designer刚刚回答了这一条")
    expect(reader.locator("#note")).to_have_value("本项目没有这个部位")
    expect(reader.locator(".given")).to_contain_text("建施-01")
    snap(reader, folder, "review-4-conflict")
    assert [(a.verdict, a.drawing_number) for a in Answer.objects.filter(item=int(item))] == [("avoided", "建施-01")]


def answer_the_rest(keys: Keys) -> None:
    """All that waits in front of the designer, by keyboard."""
    while keys.page.locator(".desk-items .state.open").count():
        title = keys.page.locator(".answer-item h2").inner_text()
        if NOT_AVOIDED in title:
            keys.answer("3", "顶板标高已定，下一版改排水槽", "Control+Enter")
        elif len(keys.counts) % 7 == 3:
            keys.answer("2", "本项目精装，不设此项", "Control+Enter")
        else:
            keys.answer("1", f"建施-{len(keys.counts):02}", "Enter")


def link_for_an_institute(page: Page, pack: ReviewPack, folder: Path | None) -> tuple[str, str]:
    """Address and code of a link for one discipline."""
    page.get_by_text("发给外部单位").click()
    page.fill("#institute", "示例设计院")
    page.locator("#links").get_by_label("暖通与燃气").check()
    page.get_by_role("button", name="生成链接").click()
    address = page.get_by_label("链接").input_value()
    code = page.locator("b.code").inner_text()
    snap(page, folder, "review-5-link")
    return address, code


def answer_by_link(people: People, address: str, code: str, folder: Path | None) -> Keys:
    """An institute without account answers the items of its discipline."""
    context = people.browser.new_context(locale="zh-CN", **TABLET)
    people.contexts.append(context)
    page = people.watch(context.new_page())
    page.goto(address)
    page.fill("#code", code)
    page.get_by_role("button", name="打开").click()
    page.wait_for_url(re.compile("/answer/$"))
    total = page.locator("[data-item]").count()
    expect(page.locator(".watermark")).to_contain_text("示例设计院")
    snap(page, folder, "review-6-outside-tablet")
    keys = Keys(page)
    for _ in range(total):
        keys.answer("1", "暖施-05", "Enter")
    return keys


def send_one_back_and_accept_the_rest(page: Page, people: People, pack: ReviewPack, item: PackItem) -> None:
    page.goto(f"{people.address}/packs/{pack.pk}/answer/?item={item.pk}")
    page.fill("#remark", "图上没有标注插座位置")
    page.get_by_role("button", name="退回重答").click()
    expect(page.locator(f'[data-item="{item.pk}"] .state')).to_have_text("已退回重答")
    page.goto(f"{people.address}/packs/{pack.pk}/")
    page.get_by_role("button", name=re.compile("认可其余")).click()


def state_counts(pack: ReviewPack) -> dict[str, int]:
    return {state: pack.items.filter(state=state).count() for state in ItemState if pack.items.filter(state=state)}


def test_a_lesson_reaches_the_drawing_and_its_recurrence_is_counted(
    story_world: World, people: People, test_data: Path, screenshots: Path | None
) -> None:
    estate = story_world.other_estate
    make_person("head", Role.MANAGER, department=story_world.company.service)
    lines = (test_data / "data" / "complaints.jsonl").read_text("utf-8").splitlines()[:IMPORTED]
    assert import_cases(lines, by=None).filed > IMPORTED // 3
    file_lessons(story_world.estate)

    head = people.sign_in("head")
    pack = prepare(people, head, estate, screenshots)
    written = [bool(item.shown["lesson"]) for item in pack.items.all()]
    assert (len(written), all(written), any(written)) == (ITEMS, False, True)
    foreign = pack.items.filter(discipline=OUTSIDE).count()
    assert 0 < foreign < ITEMS

    address, code = link_for_an_institute(head, pack, screenshots)
    outside = answer_by_link(people, address, code, screenshots)
    assert (len(outside.counts), outside.loads) == (foreign, 0)
    designer, reader = people.sign_in("designer"), people.sign_in("reader")
    for page in (designer, reader):
        page.goto(f"{people.address}/work/")
        page.get_by_role("link", name=re.compile("海棠苑 · 一期")).click()
        page.get_by_role("link", name="去答复").click()
        expect(page.locator(".answer-item")).to_be_visible()
        page.wait_for_load_state()
    snap(designer, screenshots, "review-3-desk")
    keys = Keys(designer)
    two_people_on_one_item(people, designer, reader, keys, screenshots)
    answer_the_rest(keys)
    assert (len(keys.counts), keys.loads) == (ITEMS - foreign, 0)
    assert 0 < max(keys.counts + outside.counts) <= MOST_KEYS
    assert state_counts(pack) == {"answered": ITEMS}

    item = pack.items.get(shown__title=RECURRED)
    send_one_back_and_accept_the_rest(head, people, pack, item)
    assert state_counts(pack) == {"sent_back": 1, "accepted": ITEMS - 1}
    answer_again(people, pack, screenshots)
    head.goto(f"{people.address}/packs/{pack.pk}/answer/?item={item.pk}")
    head.get_by_role("button", name="认可，看下一条").click()
    expect(head.locator(f'[data-item="{item.pk}"] .state')).to_have_text("已认可")
    sign_and_export(head, people, pack, screenshots)
    a_signed_pack_takes_nothing(designer, people, pack, item)
    it_happens_again(head, people, item, screenshots)
    assert LinkVisit.objects.filter(act="answered").count() == foreign
    assert [one for one in people.complaints if "409" not in one] == []


def answer_again(people: People, pack: ReviewPack, folder: Path | None) -> None:
    """On a tablet, by touch: what was sent back stands first, with the reason."""
    page = people.sign_in("designer", device=TABLET)
    page.goto(f"{people.address}/packs/{pack.pk}/answer/")
    expect(page.get_by_text("图上没有标注插座位置")).to_be_visible()
    snap(page, folder, "review-7-sent-back")
    page.locator(".verdicts .avoided").tap()
    page.fill("#drawing_number", "电施-12")
    page.get_by_role("button", name="保存，到下一条").tap()
    expect(page.locator(".desk-items .state.sent_back")).to_have_count(0)


def it_happens_again(page: Page, people: People, item: PackItem, folder: Path | None) -> None:
    """A later case finds the item; linked, it changes the recurrence on the dashboard by exactly one."""
    before = figure(page, people)
    case = a_later_case(item.pack.stage.project.estate)
    page.goto(f"{people.address}/work/")
    page.get_by_role("link", name=re.compile(str(case.number))).click()
    proposal = page.locator("#use .condition").first
    expect(proposal).to_contain_text(RECURRED)
    snap(page, folder, "review-9-recurrence")
    proposal.get_by_role("button", name="就是这一条").click()
    expect(page.locator("#use")).to_contain_text("复发自")
    assert (Recurrence.objects.get().item, Recurrence.objects.get().verdict) == (item, "avoided")
    assert (before, figure(page, people)) == (0, 1)
    snap(page, folder, "review-10-measures")


def sign_and_export(page: Page, people: People, pack: ReviewPack, folder: Path | None) -> None:
    """One item is not avoided: it is signed under a condition."""
    page.goto(f"{people.address}/packs/{pack.pk}/")
    sign: Locator = page.locator("#sign")
    sign.get_by_label("要求").fill("排水槽改到下一版结构图")
    sign.get_by_label("期限").fill((timezone.localdate() + timedelta(30)).isoformat())
    snap(page, folder, "review-8-sign")
    sign.get_by_role("button", name="有条件签认").click()
    expect(page.get_by_text("已有条件签认")).to_be_visible()
    for name, start in (("pack.pdf", b"%PDF"), ("pack.xlsx", b"PK")):
        answer = page.request.get(f"{people.address}/packs/{pack.pk}/{name}")
        assert (answer.status, answer.body()[: len(start)]) == (200, start)
    pack.refresh_from_db()
    assert (pack.state, pack.sign_off.conditions.count()) == (PackState.SIGNED, 1)


def a_signed_pack_takes_nothing(page: Page, people: People, pack: ReviewPack, item: PackItem) -> None:
    page.goto(f"{people.address}/packs/{pack.pk}/answer/?item={item.pk}")
    expect(page.locator(".answer-form")).to_have_count(0)
    answers = Answer.objects.count()
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    refused = page.request.post(
        f"{people.address}/packs/{pack.pk}/items/{item.pk}/",
        form={"verdict": "avoided", "drawing_number": "改-1", "seen": "2", "csrfmiddlewaretoken": token},
        headers={"Referer": people.address},
    )
    assert (refused.status, "已经签认" in refused.text()) == (422, True)
    assert Answer.objects.count() == answers


def a_later_case(estate: Estate) -> CasePage:
    told: dict[str, object] = {"title": "鞋柜没有电源", "description": "进门玄关一个插座都没有，鞋柜灯没法接电。"}
    day = timezone.localdate()
    return file_published_cases([PublishedCase(estate, day, told | {"to_service": True}, "later")], by=None)[0]


def figure(page: Page, people: People) -> int:
    page.goto(f"{people.address}/measures/")
    return int(page.locator("#recurred").inner_text())


def test_an_answer_is_pinned_on_a_drawing_and_asked_again_when_its_page_changed(
    story_world: World, people: People, tmp_path: Path, screenshots: Path | None
) -> None:
    head = make_person("head", Role.MANAGER, department=story_world.company.service)
    file_lessons(story_world.estate)
    project = Project(estate=story_world.other_estate, name="一期", climate="cold", components=[*Component.values])
    start_project(by=head, project=project, demanding=[])
    stage = project.stages.get(kind=ReviewStage.DRAWINGS)
    pack = hand_over(by=head, pack=build_pack(by=head, stage=stage, library=Library.DESIGN, cap=6))
    page = people.sign_in("designer")
    page.goto(f"{people.address}/packs/{pack.pk}/answer/")
    upload(page, tmp_path, "A", "地下一层", "标准层")
    item = pin_and_save(page)
    answer = Answer.objects.get(item=item)
    assert (answer.page, round(answer.pin_x or 0, 1), round(answer.pin_y or 0, 2)) == (2, 0.5, 0.51)
    page.goto(f"{people.address}/packs/{pack.pk}/answer/?item={item}")
    expect(page.locator("[data-pinning] circle")).to_be_visible()
    snap(page, screenshots, "review-11-pin")
    upload(page, tmp_path, "B", "地下一层", "标准层改")
    expect(page.get_by_text("和上一版相比有改动的页：2；1 条需要重新回答")).to_be_visible()
    assert state_counts(pack) == {"open": 6}
    several_do_not_apply(page)
    assert state_counts(pack) == {"open": 4, "answered": 2}
    assert people.complaints == []


def upload(page: Page, folder: Path, revision: str, *titles: str) -> None:
    """A drawing with those pages, by the form of the desk."""
    path = folder / f"{revision}.pdf"
    path.write_bytes(draw_sheets(*titles))
    drawings = page.locator("#drawings")
    if not drawings.get_attribute("open"):
        drawings.evaluate("one => { one.open = true; }")
    form = page.locator("#upload")
    form.locator("[name=number]").fill("建施-12")
    form.locator("[name=revision]").fill(revision)
    form.locator("[name=drawing]").set_input_files(path)
    with page.expect_navigation():
        form.get_by_role("button", name="上传图纸").click()
    expect(page.get_by_text(f"已上传 建施-12 {revision}")).to_be_visible()


def pin_and_save(page: Page) -> int:
    """On the second page: a click in the middle, moved one step down by the keyboard."""
    here = int(str(page.locator(".answer-item").get_attribute("data-id")))
    page.keyboard.press("1")
    page.keyboard.type("建施-12")
    page.fill("#page", "2")
    page.locator("#page").blur()
    sheet = page.locator("[data-pinning] svg")
    expect(sheet.locator("image")).to_have_attribute("href", re.compile("/pages/2/$"))
    expect(sheet).not_to_have_attribute("viewBox", "0 0 1000 1000")
    sheet.click()
    expect(sheet.locator("circle")).to_be_visible()
    sheet.focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="保存，到下一条").click()
    expect(page.locator(f'.desk-items [data-item="{here}"] .state')).to_have_text("待核对")
    return here


def several_do_not_apply(page: Page) -> None:
    boxes = page.locator(".desk-items input[type=checkbox]")
    boxes.nth(3).check()
    boxes.nth(4).check()
    page.locator(".desk-bulk input").fill("本项目没有这些部位")
    with page.expect_navigation():
        page.get_by_role("button", name="批量答").click()
    expect(page.get_by_text("2 条已答“不适用”")).to_be_visible()
