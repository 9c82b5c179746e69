"""Every refusal names a field that is on that page, and leads to it."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import expect

from casebook.factories import make_draft
from casebook.models import CasePage
from casebook.services.filing import CaseContent, save_case
from media.factories import draw_photo
from tests.acceptance.conftest import People
from tests.conftest import World
from tests.faults.test_a5_preview import form_of, signed_in

PHONE = "13800138000"
LINK = re.compile(r'<a href="#([\w-]+)">')


def gap_links(page: str) -> list[str]:
    box = page[page.index('id="gaps"') :]
    return LINK.findall(box[: box.index("</ul>")])


def phone_form(case: CasePage, **changes: str) -> dict[str, str]:
    return {"estate": str(case.estate_id), "record_date": "2026-11-20", "action": "submit"} | changes


def test_a4_a_title_that_refuses_can_be_mended_on_the_phone(world: World) -> None:
    draft = make_draft(world.editor, world.estate, world.company.design, title=f"请回电 {PHONE}")
    client = signed_in(world.editor)
    sent = {
        "description": draft.description,
        "lesson": draft.lesson,
        "to_design": "on",
        "responsible_department": str(draft.responsible_department_id),
        "photo": str(draft.photos.get().photo.client_id),
    }
    page = client.post(f"/file/{draft.slug}/", phone_form(draft, **sent), follow=True).content.decode()
    assert gap_links(page) == ["field-title"]
    assert 'id="field-title"' in page
    assert PHONE in page[page.index('id="field-title"') :][:600]
    client.post(f"/file/{draft.slug}/", phone_form(draft, title="请回电业主", **sent))
    case = CasePage.objects.get(pk=draft.pk)
    assert (case.number, case.title) == ("YLW-AL-2026-00001", "请回电业主")


def test_a4_every_gap_of_the_phone_form_has_its_field_there(world: World) -> None:
    texts = dict.fromkeys(("description", "cause", "measure", "requirement", "no_photo_reason"), f"电话 {PHONE}")
    draft = make_draft(world.editor, world.estate, world.company.design)
    client = signed_in(world.editor)
    page = client.post(
        f"/file/{draft.slug}/", phone_form(draft, title=f"电话 {PHONE}", **texts), follow=True
    ).content.decode()
    links = gap_links(page)
    assert len(links) == 9
    for link in links:
        assert f'id="{link}"' in page, link
    empty = client.post(f"/file/{draft.slug}/", phone_form(draft), follow=True).content.decode()
    links = gap_links(empty)
    assert [link for link in links if f'id="{link}"' not in empty] == []
    assert set(links) >= {"field-no_photo_reason", "field-responsible_department", "field-lesson", "field-libraries"}


def test_a4_every_error_of_the_form_has_its_field_there(world: World) -> None:
    client = signed_in(world.editor)
    bad = {
        "estate": "99999999",
        "unit_text": "看不懂",
        "record_date": "2999-01-01",
        "title": "长" * 300,
        "description": "长" * 20_001,
        "stage": "x",
        "category": "x",
        "severity": "9",
        "cause_is_drawing": "x",
        "drawing_number": "长" * 61,
        "responsible_department": "99999999",
        "no_photo_reason": "长" * 201,
    }
    answer = client.post("/file/", bad)
    page = answer.content.decode()
    box = page[page.index('id="problems"') :]
    links = LINK.findall(box[: box.index("</div>")])
    assert answer.status_code == 422
    assert set(links) >= {f"field-{name}" for name in bad if name != "cause_is_drawing"}
    assert [link for link in links if f'id="{link}"' not in page] == []
    assert CasePage.objects.count() == 0


def test_a4_a_form_that_says_nothing_of_the_title_leaves_it(world: World) -> None:
    draft = make_draft(world.editor, world.estate, world.company.design, title="人起的标题")
    signed_in(world.editor).post(f"/file/{draft.slug}/", phone_form(draft, action="draft", description="另一段说明。"))
    assert CasePage.objects.get(pk=draft.pk).title == "人起的标题"


def test_a4_the_admin_links_each_gap_to_its_field(world: World) -> None:
    draft = make_draft(world.editor, world.estate, world.company.design, title=f"请回电 {PHONE}", lesson="")
    save_case(case=draft, by=world.editor, content=CaseContent({"to_design": False}))
    client = signed_in(world.editor)
    form = form_of(CasePage.objects.get(pk=draft.pk), title=f"请回电 {PHONE}", lesson="", **{"action-submit-case": "1"})
    del form["to_design"]
    page = client.post(f"/admin/pages/{draft.pk}/edit/", form, follow=True).content.decode()
    links = LINK.findall(page)
    assert {"id_title", "id_lesson", "id_to_design"} <= set(links)
    assert [link for link in ("id_title", "id_lesson", "id_to_design") if f'id="{link}"' not in page] == []


def test_a7_without_script_each_unusable_photo_is_named_and_the_good_one_stays(world: World) -> None:
    client = signed_in(world.editor)
    files = [
        SimpleUploadedFile("坏一.jpg", b"\xff\xd8 no", "image/jpeg"),
        SimpleUploadedFile("好.jpg", draw_photo(3, size=(60, 40)), "image/jpeg"),
        SimpleUploadedFile("坏二.jpg", b"GIF89a", "image/jpeg"),
    ]
    sent = {"estate": str(world.estate.pk), "record_date": "2026-11-20", "description": "渗漏", "action": "draft"}
    answer = client.post("/file/", sent | {"files": files})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "坏一.jpg" in page
    assert "坏二.jpg" in page
    assert page.count('name="photo"') == 1
    assert CasePage.objects.count() == 0


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
def test_a4_a_press_on_the_refusal_puts_the_cursor_into_the_field(
    story_world: World, people: People, phone: bool
) -> None:
    world = story_world
    draft = make_draft(world.editor, world.estate, world.company.design, title=f"请回电 {PHONE}")
    page = people.sign_in("editor", phone=phone)
    page.goto(f"{people.address}/file/{draft.slug}/")
    page.locator("details.field").evaluate("fold => { fold.open = false; }")
    page.get_by_role("button", name="提交审核").click()
    page.wait_for_url("**/?gaps=1")
    page.locator("details.field").evaluate("fold => { fold.open = false; }")
    page.locator("#gaps a").click()
    expect(page.locator("#id_title")).to_be_focused()
    page.fill("#id_title", "请回电业主")
    page.get_by_role("button", name="提交审核").click()
    page.wait_for_url("**/c/YLW-AL-*/", wait_until="commit")
    assert people.complaints == []
