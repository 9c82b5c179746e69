"""Each page once in a real browser, on a phone and at a desk, with texts as long as they may be: nothing complains in
the console, nothing comes from outside, nothing runs off a phone's screen."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Error, Page
from pytest_django import Settings

from estates.models import User
from tests.acceptance.conftest import DESKTOP, PHONE, People
from tests.conftest import lay_foundation
from tests.crawl.gallery import build_gallery, refresh_copies
from tests.crawl.rows import Filling, fill
from tests.crawl.spider import Walk, route_of, walk_as

WALKERS = ("manager", "editor", "archivist", "designer", "sales", "admin", "")
"""Between them they open every page; the last is nobody."""

DOWNLOADS = (
    "/pdf/",
    ".pdf",
    ".xlsx",
    "/export/",
    "/blank/",
    "/sheet/",
    "/receipt/",
    "/certificate/",
    "/bag/",
    ".rss",
    ".atom",
)
STARTS = ("/", "/work/", "/admin/", "/site/")
SETTLED_MS = 150
"""After everything that the page names has come: for what its scripts ask and say."""


def pages_by_walker() -> dict[str, list[str]]:
    """One address of each route that shows a page, under the first person who may open it."""
    taken: set[str] = set()
    found: dict[str, list[str]] = {}
    for name in WALKERS:
        pages: list[str] = []

        def take(visitor: str, address: str, status: int, text: str, pages: list[str] = pages) -> list[str]:
            route = route_of(address)
            if status == 200 and "<html" in text and route not in taken and not _is_download(address):
                taken.add(route)
                pages.append(address)
            return []

        walk: Walk = walk_as(
            name, User.objects.filter(username=name).first(), language="zh-hans", most_of_a_route=2, check=take
        )
        walk.follow(STARTS)
        found[name] = pages
    return found


def _is_download(address: str) -> bool:
    return any(part in address for part in DOWNLOADS)


def test_every_page_is_quiet_in_a_browser(
    transactional_db: None, people: People, settings: Settings, screenshots: Path | None
) -> None:
    settings.SITE_URL = people.address
    lay_foundation()
    build_gallery()
    fill(Filling.LONGEST)
    refresh_copies()
    count = 0
    for name, addresses in pages_by_walker().items():
        for device in ("phone", "desk"):
            page = _open(people, name, device)
            for address in addresses:
                count += 1
                _look(people, page, address, device)
                if screenshots:
                    picture = f"{device}-{name}-{address.strip('/').replace('/', '_')[:80]}.png"
                    page.screenshot(path=screenshots / picture, full_page=True)
            page.context.close()
    print(f"{count} pages")
    assert count >= int(os.environ.get("CRAWL_AT_LEAST", "180"))
    assert not people.complaints, "\n".join([f"{len(people.complaints)} complaints", *people.complaints])


def _open(people: People, name: str, device: str) -> Page:
    if name:
        return people.sign_in(name, phone=device == "phone")
    context = people.browser.new_context(locale="zh-CN", **(PHONE if device == "phone" else DESKTOP))
    return people.watch(context.new_page())


def _look(people: People, page: Page, address: str, device: str) -> None:
    before = len(people.complaints)
    try:
        page.goto(f"{people.address}{address}")
        page.wait_for_timeout(SETTLED_MS)
    except Error as error:
        people.complain(True, str(error).splitlines()[0])
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    people.complain(device == "phone" and wide > 1 and not address.startswith("/admin/"), f"{wide} px too wide")
    people.complaints[before:] = [f"{device} {address}: {text}" for text in people.complaints[before:]]
