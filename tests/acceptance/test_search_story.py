"""What makes people come back to search, in a real browser: suggestions by keyboard, a search that goes on, and one
that failed becoming a synonym."""

from __future__ import annotations

import re
from pathlib import Path

from django.core import mail
from playwright.sync_api import expect

from casebook.factories import make_draft, publish
from casebook.models import CasePage, SavedSearch
from estates.models import Unit
from tests.acceptance.conftest import People, press, snap
from tests.conftest import World


def new_case(world: World, title: str, description: str, unit: Unit | None = None) -> CasePage:
    draft = make_draft(
        world.editor, world.estate, world.company.design, unit=unit, title=title, description=description
    )
    return publish(draft, by=world.editor, manager=world.manager, confirmer=world.designer)


def suggest_by_keyboard(people: People, world: World, case: CasePage, pictures: Path | None) -> None:
    """Nothing but keys: an estate by its initials, a home, a record by its title; and what is left of it."""
    page = people.sign_in("editor")
    page.goto(f"{people.address}/search/")
    options = page.locator("[role=listbox] [role=option]")
    page.keyboard.type("yqw")  # the box has the focus already
    expect(options.first).to_contain_text("云栖湾")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#q")).to_have_attribute("aria-activedescendant", re.compile(r"options-\d+-0"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{people.address}/search/?estate=YLW")
    page.fill("#q", "三栋二单元12")
    expect(options.first).to_contain_text("3栋2单元1201")
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    expect(page.locator("#q")).to_have_value("三栋二单元12")
    page.fill("#q", "顶板")
    expect(options.first).to_contain_text(case.title)
    snap(page, pictures, "suggestions")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{people.address}{case.get_absolute_url()}")
    press(page, "☆ 收藏")
    press(page, "有用")
    expect(page.get_by_text("1 人评价，1 人觉得有用")).to_be_visible()
    page.goto(f"{people.address}/search/")
    page.locator("#q").blur()
    page.locator("#q").focus()
    expect(options.first).to_contain_text("收藏的案例")
    page.fill("#q", "变形缝")
    page.keyboard.press("Enter")  # no suggestion chosen: the words are searched
    page.wait_for_url(re.compile(r"/search/\?q="))
    phone = people.sign_in("editor", phone=True)
    phone.goto(f"{people.address}/search/")
    phone.fill("#q", "变")
    expect(phone.locator("[role=listbox] [role=option]").first).to_contain_text("最近查过")
    snap(phone, pictures, "suggestions-phone")


def follow(people: People, world: World, pictures: Path | None) -> None:
    """A designer saves a search, hears of the next case, and ends it by the click in the mail."""
    page = people.sign_in("designer")
    page.goto(f"{people.address}/search/")
    page.fill("#q", "渗漏")
    press(page, "查")
    page.get_by_text("保存这个查询").click()
    expect(page.locator("[name=name]")).to_have_value("渗漏")
    page.select_option("[name=cadence]", "at_once")
    snap(page, pictures, "save-search")
    press(page, "保存查询")
    expect(page.get_by_text("已保存“渗漏”")).to_be_visible()
    mail.outbox.clear()
    case = new_case(world, "屋面渗漏", "女儿墙根部渗漏")
    page.goto(f"{people.address}/work/")
    expect(page.get_by_text("您关注的新案例")).to_be_visible()
    snap(page, pictures, "news")
    [message] = [one for one in mail.outbox if "您关注的查询" in one.subject]
    assert str(case.number) in message.body
    [ending] = re.findall(r"(/search/end/\S+)", str(message.body))
    page.get_by_role("link", name="屋面渗漏").first.click()
    page.wait_for_load_state()
    stranger = people.watch(people.browser.new_context(locale="zh-CN").new_page())
    stranger.goto(f"{people.address}{ending}")
    stranger.get_by_role("button", name="停止这一项通知").click()
    expect(stranger.get_by_text("这一项不再发通知")).to_be_visible()
    snap(stranger, pictures, "ended")
    assert SavedSearch.objects.get().ended_at is not None
    page.goto(f"{people.address}/search/mine/")
    expect(page.get_by_role("button", name="恢复通知")).to_be_visible()
    snap(page, pictures, "mine")


def fail_and_learn(people: People, world: World, case: CasePage, pictures: Path | None) -> None:
    """What found nothing is asked in other words, a case is opened; the manager makes it a synonym, and it finds."""
    page = people.sign_in("reader")
    for text in ("天花板滴水", "顶板渗漏"):
        page.goto(f"{people.address}/search/")
        page.fill("#q", text)
        press(page, "查")
    page.get_by_role("link", name=case.title).first.click()
    page.wait_for_load_state()
    manager = people.sign_in("manager")
    manager.goto(f"{people.address}/search/words/")
    expect(manager.get_by_text("天花板滴水 → 顶板渗漏")).to_be_visible()
    snap(manager, pictures, "words")
    press(manager, "设为同义词")
    expect(manager.get_by_text("已保存，立即生效")).to_be_visible()
    page.goto(f"{people.address}/search/")
    page.fill("#q", "天花板滴水")
    press(page, "查")
    expect(page.locator(".case-card h2", has_text=case.title).first).to_be_visible()


def test_search_that_people_come_back_to(people: People, story_world: World, screenshots: Path | None) -> None:
    world, pictures = story_world, screenshots
    case = new_case(world, "地下车库顶板渗漏", "地下车库顶板变形缝处渗漏", unit=world.unit)
    suggest_by_keyboard(people, world, case, pictures)
    follow(people, world, pictures)
    fail_and_learn(people, world, case, pictures)
    assert people.complaints == []
