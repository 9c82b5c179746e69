from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from pytest_django.live_server_helper import LiveServer

from estates.factories import SAMPLE_PASSWORD
from tests.conftest import World, build_world

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in this thread; the ORM is synchronous

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2,
}
TABLET: dict[str, Any] = {"viewport": {"width": 834, "height": 1112}, "has_touch": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        pytest.skip("no Chromium: run `make services` or set CHROMIUM")
    browser = _playwright().chromium.launch(executable_path=path, args=FLAGS)
    yield browser
    browser.close()


@cache
def _playwright() -> Playwright:
    """One for the whole run: two folders of tests have browsers, and a second one cannot begin beside the first."""
    return sync_playwright().start()


@dataclass
class People:
    """Signed-in browsers, one per person; what they complained of is kept."""

    browser: Browser
    address: str
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def sign_in(
        self, username: str, *, phone: bool = False, locale: str = "zh-CN", device: dict[str, Any] | None = None
    ) -> Page:
        context = self.browser.new_context(locale=locale, **(device or (PHONE if phone else DESKTOP)))
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = self.watch(context.new_page())
        page.goto(f"{self.address}/login/")
        page.fill("#id_username", username)
        page.fill("#id_password", SAMPLE_PASSWORD)
        page.click("button.main")
        page.wait_for_url(f"{self.address}/work/")
        return page

    def watch(self, page: Page) -> Page:
        """Console errors, page errors, server errors and requests to the outside become complaints."""
        page.on(
            "console", lambda m: self.complain(m.type in ("error", "warning") and "ERR_INTERNET" not in m.text, m.text)
        )
        page.on("pageerror", lambda error: self.complain(True, f"{page.url}: {error.stack or error}"))
        page.on("response", lambda r: self.complain(r.status >= 400, f"{r.status} {r.url}"))
        ours = (self.address, "blob:", "data:")
        page.on("request", lambda r: self.complain(not r.url.startswith(ours), f"outside: {r.url}"))
        return page

    def complain(self, real: bool, text: str) -> None:
        if real:
            self.complaints.append(text)


@pytest.fixture
def people(chromium: Browser, live_server: LiveServer) -> Iterator[People]:
    people = People(chromium, live_server.url)
    yield people
    for context in people.contexts:
        context.close()


@pytest.fixture
def story_world(transactional_db: None) -> World:
    return build_world()


@pytest.fixture
def screenshots() -> Path | None:
    """Where pictures of the story go, when somebody wants to look at them (SCREENSHOTS=folder)."""
    folder = os.environ.get("SCREENSHOTS")
    if not folder:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)


def snap(page: Page, folder: Path | None, name: str) -> None:
    if folder:
        page.screenshot(path=folder / f"{name}.png", full_page=True)


def press(page: Page, name: str) -> None:
    """Press the button and wait for what it brings: another page, or other content of this one."""
    before = page.evaluate("() => { window.beforePress = true; return document.body.dataset.shown || ''; }")
    page.get_by_role("button", name=name, exact=True).locator("visible=true").first.click()
    page.wait_for_function("shown => !window.beforePress || (document.body.dataset.shown || '') !== shown", arg=before)
    page.wait_for_load_state()


def pytest_unconfigure() -> None:
    if _playwright.cache_info().currsize:
        _playwright().stop()
        _playwright.cache_clear()
