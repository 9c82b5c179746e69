"""G15: a session that ended while pages stood open costs nobody what he typed, in a real browser."""

from __future__ import annotations

from pathlib import Path

from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from casebook.factories import make_draft
from casebook.models import CasePage
from estates.factories import SAMPLE_PASSWORD
from media.models import Photo
from tests.acceptance.conftest import People
from tests.conftest import World
from tests.faults.test_a6_a7_plain_http import choose_estate, photos


def sign_in_beside(page: Page, address: str, username: str) -> None:
    """In another tab of the same browser."""
    tab = page.context.new_page()
    tab.goto(f"{address}/login/")
    tab.fill("#id_username", username)
    tab.fill("#id_password", SAMPLE_PASSWORD)
    tab.click("button.main")
    tab.wait_for_url(f"{address}/work/")
    tab.close()
    page.bring_to_front()


def test_g15_a_case_and_its_photo_stay_on_the_device(story_world: World, people: People, tmp_path: Path) -> None:
    page = people.sign_in("editor", phone=True)
    page.goto(f"{people.address}/file/")
    choose_estate(page)
    page.fill("#id_description", "厨房顶板渗水")
    Session.objects.all().delete()
    page.set_input_files("#files", photos(tmp_path)[:1])
    expect(page.locator(".photo .progress")).to_contain_text("登录已经结束")
    assert not Photo.objects.exists()
    sign_in_beside(page, people.address, "editor")
    page.locator("[data-retry]").click()
    expect(page.locator(".photo input[name=photo]")).to_have_count(1)
    Session.objects.all().delete()
    page.get_by_role("button", name="存草稿").click()
    expect(page.locator("#sync")).to_contain_text("登录已过期")
    assert not CasePage.objects.exists()
    sign_in_beside(page, people.address, "editor")
    page.get_by_role("button", name="存草稿").click()
    page.wait_for_url("**/file/c*/", wait_until="commit")
    draft = CasePage.objects.get()
    assert (draft.description, draft.photos.count()) == ("厨房顶板渗水", 1)


def draft_in_editor_whose_session_ended(world: World, people: People) -> tuple[CasePage, Page]:
    draft = make_draft(world.editor, world.estate, world.company.design, unit=world.unit)
    page = people.sign_in("editor")
    page.goto(f"{people.address}/admin/pages/{draft.pk}/edit/")
    Session.objects.all().delete()
    return draft, page


def test_g15_the_editor_saves_after_signing_in_beside_it(story_world: World, people: People) -> None:
    draft, page = draft_in_editor_whose_session_ended(story_world, people)
    with page.expect_response(lambda answer: answer.status == 401 and answer.request.method == "POST"):
        page.fill("#id_lesson", "写了一半的经验")
    sign_in_beside(page, people.address, "editor")
    with page.expect_response(lambda answer: answer.ok and "/edit/" in answer.url and answer.request.method == "POST"):
        page.fill("#id_lesson", "写完了的经验")
    assert CasePage.objects.get(pk=draft.pk).get_latest_revision_as_object().lesson == "写完了的经验"


def test_g15_a_plain_form_is_sent_again_from_the_page_that_kept_it(story_world: World, people: People) -> None:
    draft, page = draft_in_editor_whose_session_ended(story_world, people)
    page.evaluate(
        """() => {
          const form = document.querySelector("#page-edit-form");
          form.elements.lesson.value = "铲除空鼓，重做防水附加层，闭水四十八小时，再恢复面层。";
          HTMLFormElement.prototype.submit.call(form);
        }"""
    )
    expect(page.get_by_role("heading", name="登录已结束")).to_be_visible()
    sign_in_beside(page, people.address, "editor")
    page.get_by_role("button", name="再提交一次").click()
    page.wait_for_url(f"**/admin/pages/{draft.pk}/edit/**")
    expect(page.locator("#page-edit-form")).to_be_visible()
    latest = CasePage.objects.get(pk=draft.pk).get_latest_revision_as_object()
    assert latest.lesson == "铲除空鼓，重做防水附加层，闭水四十八小时，再恢复面层。"
