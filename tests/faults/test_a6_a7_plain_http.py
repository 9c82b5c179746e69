"""The filing form on a plain http:// address of a local network, and photos that turn out to be unusable later."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from casebook.models import CasePage
from media.factories import draw_photo
from media.models import Photo
from tests.acceptance.conftest import FLAGS, People
from tests.conftest import World

NAME = "anjuan.intra"


@pytest.fixture
def lan_browser(chromium: Browser) -> Iterator[Browser]:
    """A browser for which a name of the local network is this machine: no secure context."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    flags = [*FLAGS, f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
    browser = chromium.browser_type.launch(executable_path=path, args=flags)
    yield browser
    browser.close()


@pytest.fixture
def lan(lan_browser: Browser, live_server: LiveServer, settings: Settings) -> Iterator[People]:
    settings.ALLOWED_HOSTS = ["*"]
    people = People(lan_browser, live_server.url.replace("localhost", NAME))
    yield people
    for context in people.contexts:
        context.close()


def complaints(people: People) -> list[str]:
    """But for what Chromium says of every page that is not secure."""
    return [text for text in people.complaints if "Cross-Origin-Opener-Policy" not in text]


def photos(folder: Path) -> list[Path]:
    """One that is good, and two that are none."""
    good, cut, text = folder / "好的.jpg", folder / "截断.jpg", folder / "文字.jpg"
    good.write_bytes(draw_photo(5, size=(300, 200)))
    cut.write_bytes(b"\xff\xd8\xff\xe0 cut")
    text.write_bytes("不是照片".encode())
    return [good, cut, text]


def choose_estate(page: Page) -> None:
    page.fill("#estate-text", "YLW")
    page.get_by_role("option", name="云栖湾").click()


def test_a6_a_photo_is_taken_on_a_plain_address(story_world: World, lan: People, tmp_path: Path) -> None:
    page = lan.sign_in("editor", phone=True)
    page.goto(f"{lan.address}/file/")
    assert page.evaluate("[isSecureContext, typeof crypto.randomUUID]") == [False, "undefined"]
    choose_estate(page)
    page.set_input_files("#files", photos(tmp_path)[:1])
    expect(page.locator(".photo input[name=photo]")).to_have_count(1)
    page.fill("#id_description", "厨房顶板渗水")
    expect(page.locator("#sync")).to_have_text("已保存在本机")
    page.get_by_role("button", name="存草稿").click()
    page.wait_for_url("**/file/c*/", wait_until="commit")
    draft = CasePage.objects.get()
    assert (draft.description, draft.photos.count()) == ("厨房顶板渗水", 1)
    assert complaints(lan) == []


def test_a6_nothing_is_said_to_be_saved_where_the_device_keeps_nothing(
    story_world: World, lan: People, tmp_path: Path
) -> None:
    page = lan.sign_in("editor", phone=True)
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined });")
    page.goto(f"{lan.address}/file/")
    choose_estate(page)
    page.set_input_files("#files", photos(tmp_path)[:1])
    expect(page.locator(".photo input[name=photo]")).to_have_count(1)
    page.fill("#id_description", "厨房顶板渗水")
    expect(page.locator("#sync")).to_contain_text("这台设备存不下")
    page.get_by_role("button", name="存草稿").click()
    page.wait_for_url("**/file/c*/", wait_until="commit")
    assert CasePage.objects.get().photos.count() == 1
    assert complaints(lan) == []


def test_a7_each_photo_that_cannot_be_used_is_named_when_back_on_line(
    story_world: World, people: People, tmp_path: Path
) -> None:
    page = people.sign_in("editor", phone=True)
    page.goto(f"{people.address}/file/")
    choose_estate(page)
    page.fill("#id_description", "厨房顶板渗水")
    page.context.set_offline(True)
    page.set_input_files("#files", photos(tmp_path))
    expect(page.locator(".photo")).to_have_count(3)
    page.get_by_role("button", name="提交审核").click()
    expect(page.locator("#sync")).to_contain_text("没有信号")
    page.context.set_offline(False)
    expect(page.locator("#problems li")).to_have_count(2, timeout=30_000)
    told = page.locator("#problems").inner_text()
    assert "截断.jpg" in told
    assert "文字.jpg" in told
    assert told.count("请移除这张照片") == 2
    assert (CasePage.objects.count(), Photo.objects.count()) == (0, 1)
    page.reload()
    expect(page.locator(".photo.failed")).to_have_count(2)
    expect(page.locator(".photo.failed").first).to_contain_text(".jpg")
    page.get_by_role("button", name="存草稿").click()
    page.wait_for_url("**/file/c*/")
    assert CasePage.objects.get().photos.count() == 1
    expect(page.locator(".photo.failed")).to_have_count(2)  # a draft goes on, and they are still named there
    page.locator(".photo.failed .remove").first.click()
    page.locator(".photo.failed .remove").first.click()
    page.reload()
    expect(page.locator(".photo.failed")).to_have_count(0)
    assert [text for text in people.complaints if "422" not in text] == []


def test_a6_no_script_asks_for_what_only_secure_pages_have() -> None:
    root = Path(__file__).parent.parent.parent
    alone = ("crypto.randomUUID", "crypto.subtle", "navigator.clipboard", "navigator.storage", "navigator.mediaDevices")
    found = [
        f"{path.name}: {one}"
        for path in root.glob("*/static/**/*.js")
        for one in alone
        if one in "\n".join(line for line in path.read_text("utf-8").splitlines() if not line.startswith("//"))
    ]
    assert found == []
