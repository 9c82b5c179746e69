"""A case goes from a phone photo to a designer's search result, in real browsers."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from casebook.models import CasePage, Distribution, ReadReceipt
from casebook.vocabulary import State
from media.models import Photo, PhotoRendition
from tests.acceptance.conftest import People, snap
from tests.conftest import World

HEIC, WITH_GPS = "IMG_5195.HEIC", "DSCN0010.jpg"
PROBLEM = "地下车库顶板变形缝渗漏，雨后积水。"
LESSON = "变形缝须同时设防水和排水。"
BETTER_LESSON = "变形缝须同时设防水、排水和检修口。"
NUMBER = re.compile(r"YLW-AL-\d{4}-00001")


def file_on_the_phone(people: People, photos: Path, folder: Path | None) -> str:
    """Fill in, lose the signal, close the tab, come back on line: one case with all photos. Returns its slug."""
    page = people.sign_in("editor", phone=True)
    context = page.context
    page.goto(f"{people.address}/file/")
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()
    page.fill("#estate-text", "yqw")
    page.get_by_role("option", name="云栖湾").click()
    page.fill("#id_unit_text", "三栋二单元12楼01")
    page.set_input_files("#files", [photos / WITH_GPS])
    expect(page.locator(".photo input[name=photo]")).to_have_count(1)
    context.set_offline(True)
    page.set_input_files("#files", [photos / HEIC])
    expect(page.locator(".photo")).to_have_count(2)
    page.fill("#id_description", PROBLEM)
    page.get_by_text("入住", exact=True).click()
    page.get_by_text("建筑主体及户内").click()
    page.get_by_text("设计管理部").click()
    page.fill("#id_lesson", LESSON)
    page.get_by_text("客服-设计").click()
    snap(page, folder, "phone-offline")
    page.get_by_role("button", name="存草稿").click()
    expect(page.locator("#sync")).to_contain_text("没有信号")
    page.close()

    again = people.watch(context.new_page())
    again.goto(f"{people.address}/file/")  # without a signal: the page comes from the device
    expect(again.locator("#id_description")).to_have_value(PROBLEM)
    expect(again.locator(".photo")).to_have_count(2)
    assert CasePage.objects.count() == 0
    context.set_offline(False)
    again.wait_for_url(re.compile(r"/file/c[0-9a-f]+/"))
    expect(again.locator(".photo input[name=photo]")).to_have_count(2)
    snap(again, folder, "phone-draft")
    again.goto(f"{people.address}/file/")
    expect(again.locator("#id_description")).to_have_value("")  # the device has forgotten what the server has
    draft = CasePage.objects.get()
    again.goto(f"{people.address}/file/{draft.slug}/")
    again.get_by_role("button", name="提交审核").click()
    again.wait_for_url(NUMBER)
    snap(again, folder, "phone-submitted")
    return str(draft.slug)


def decide(page: Page, people: People, number: str, *, reason: str = "") -> None:
    page.goto(f"{people.address}/work/")
    page.get_by_role("link", name=re.compile(number)).first.click()
    if reason:
        page.fill("#reason", reason)
        page.get_by_role("button", name="提出异议").click()
    else:
        page.get_by_role("button", name="确认", exact=True).click()
    page.wait_for_load_state()


def test_a_case_goes_from_a_phone_photo_to_a_designers_search_result(
    story_world: World, people: People, test_data: Path, files: Path, screenshots: Path | None
) -> None:
    photos = test_data / "data" / "photos"
    slug = file_on_the_phone(people, photos, screenshots)
    case = CasePage.objects.get(slug=slug)
    number = str(case.number)
    assert NUMBER.fullmatch(number)
    assert (case.unit and case.unit.code, case.photos.count()) == ("3-2-1201", 2)
    folder = case.get_parent()
    assert (folder.title, folder.get_parent().slug) == (f"{case.record_date:%Y-%m}", "ylw")

    manager = people.sign_in("manager")
    snap(manager, screenshots, "manager-work")
    decide(manager, people, number)
    designer = people.sign_in("designer")
    decide(designer, people, number, reason="还缺检修要求")
    case.refresh_from_db()
    assert (case.state, case.live) == (State.RETURNED, False)

    editor = people.sign_in("editor")
    correct_at_the_desk(editor, people, case, screenshots)
    decide(designer, people, number)
    case.refresh_from_db()
    assert (case.state, case.live, case.number, case.slug) == (State.PUBLISHED, True, number, slug)
    assert case.lesson == BETTER_LESSON
    assert [d.department for d in Distribution.objects.all()] == [story_world.company.design]

    read_as_designer(people.sign_in("reader"), people, number, screenshots)
    assert {receipt.user for receipt in ReadReceipt.objects.all()} == {story_world.designer, story_world.reader}
    nothing_for_another_department(people, number)
    manager.goto(f"{people.address}/library/")
    expect(manager.get_by_role("link", name=f"{case.record_date:%Y-%m}")).to_be_visible()
    snap(manager, screenshots, "manager-library")
    files_are_exactly_the_named_ones(files)
    assert people.complaints == []


def correct_at_the_desk(page: Page, people: People, case: CasePage, folder: Path | None) -> None:
    page.goto(f"{people.address}/work/")
    expect(page.get_by_text("已退回")).to_be_visible()
    page.goto(f"{people.address}/admin/pages/{case.pk}/edit/")
    page.fill("[name=lesson]", BETTER_LESSON)
    snap(page, folder, "admin-editor")
    page.locator("[data-w-dropdown-target=toggle]").last.click()
    page.locator("button[name=action-submit-case]").click()
    page.wait_for_url(NUMBER)
    expect(page.get_by_text("审核中").first).to_be_visible()


def read_as_designer(page: Page, people: People, number: str, folder: Path | None) -> None:
    page.goto(f"{people.address}/lessons/")
    expect(page.locator(".unread")).to_have_count(1)
    for words in ("渗漏", "地下车库 渗漏", "3栋2单元1201", "３－２－１２０１", number):
        page.goto(f"{people.address}/search/")
        page.fill("#q", words)
        with page.expect_navigation():
            page.press("#q", "Enter")
        expect(page.locator("article.case-card")).to_have_count(1)
    page.goto(f"{people.address}/search/?q=渗漏")
    expect(page.locator("article.case-card mark").first).to_have_text("渗漏")
    for facet in ("云栖湾", "设计管理部", "建筑主体及户内", "入住"):
        page.locator(".facets").get_by_role("link", name=facet).click()
        expect(page.locator("article.case-card")).to_have_count(1)
    snap(page, folder, "designer-results")
    page.locator("article.case-card h2 a").click()
    page.wait_for_url(re.compile(number))
    expect(page.get_by_text(BETTER_LESSON)).to_be_visible()
    snap(page, folder, "designer-case")
    sheet = page.request.get(f"{people.address}/c/{number}/sheet/")
    assert (sheet.status, sheet.headers["content-type"]) == (200, "application/pdf")
    page.goto(f"{people.address}/lessons/")
    expect(page.locator(".unread")).to_have_count(0)


def nothing_for_another_department(people: People, number: str) -> None:
    page = people.sign_in("engineer")
    for words in ("渗漏", "3栋2单元1201", number):
        page.goto(f"{people.address}/search/?q={words}")
        expect(page.locator("article.case-card")).to_have_count(0)
        assert page.locator(".facets a").count() == 0
    original = Photo.objects.first()
    rendition = PhotoRendition.objects.first()
    assert original is not None
    assert rendition is not None
    for path in (f"/c/{number}/", f"/c/{number}/sheet/", original.file.url, original.copy.url, rendition.file.url):
        assert page.request.get(f"{people.address}{path}").status == 404, path


def files_are_exactly_the_named_ones(folder: Path) -> None:
    named = re.compile(r"YLW/\d{4}-\d\d/YLW_3-2-1201_AL_\d{8}_0000[12]\.(jpg|heic)")
    made = re.compile(
        r"renditions/YLW/\d{4}-\d\d/YLW_3-2-1201_AL_\d{8}_0000[12]\.(copy|fill-160x160|fill-480x360|max-1600x1600)\.jpg"
    )
    stored = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert [name for name in stored if named.fullmatch(name)] == [name for name in stored if not made.fullmatch(name)]
    assert len([name for name in stored if named.fullmatch(name)]) == 2
    assert len([name for name in stored if made.fullmatch(name)]) == 8
    for name in stored:
        if made.fullmatch(name):
            with Image.open(folder / name) as image:
                assert dict(image.getexif()) == {}, name
