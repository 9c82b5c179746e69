"""Every page of every kind of record, for each role, with what people may leave empty left empty, filled, and as long
as it may be, in both languages: no 500, no link that leads nowhere, nothing of another estate's."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import product

import pytest

from tests.conftest import lay_foundation
from tests.crawl.gallery import build_gallery, refresh_copies, visitors
from tests.crawl.rows import MARK, Filling, fill
from tests.crawl.spider import Walk, route_of, walk_as

OF_A_ROUTE = int(os.environ.get("SOAK_OF_A_ROUTE", "2"))
IN_SHORT = [(Filling.BARE, "en"), (Filling.FULL, "zh-hans"), (Filling.LONGEST, "en")]
"""The longest in Chinese are walked through in a browser: `test_every_page`."""
WALKS = list(product(Filling, ("zh-hans", "en"))) if "SOAK_OF_A_ROUTE" in os.environ else IN_SHORT
OUTSIDERS = re.compile(r"-elsewhere|anonymous|owner")
STARTS = ("/", "/work/", "/admin/", "/site/")


@pytest.fixture
def gallery(db: None) -> None:
    lay_foundation()
    build_gallery()


def wrong(visitor: str, address: str, status: int, text: str) -> Iterator[str]:
    if status >= 500:
        yield f"{visitor}: {address} answers {status}"
    if OUTSIDERS.search(visitor) and MARK in text:
        at = text.index(MARK)
        yield f"{visitor}: {address} shows what is another estate's: …{text[max(at - 80, 0) : at + 20]}…"


@pytest.mark.parametrize(("filling", "language"), WALKS)
def test_every_page_shows_for_every_role(gallery: None, filling: Filling, language: str) -> None:
    filled = fill(filling)
    refresh_copies()
    walks: list[Walk] = []
    for name, user in visitors().items():
        walk = walk_as(name, user, language=language, most_of_a_route=OF_A_ROUTE, check=wrong)
        walk.follow(STARTS)
        walks.append(walk)
    by_route: dict[str, list[str]] = defaultdict(list)
    for address in sorted({address for walk in walks for address in walk.seen}):
        by_route[route_of(address)].append(address)
    for walk in walks:
        for addresses in by_route.values():
            for address in addresses[:OF_A_ROUTE]:
                if address not in walk.seen:
                    walk.seen.add(address)
                    walk.visit(address)
    pages = sum(len(walk.seen) for walk in walks)
    print(f"{filling} {language}: {pages} pages, {len(by_route)} routes, {len(walks)} roles, {filled} fields")
    complaints = [complaint for walk in walks for complaint in walk.complaints]
    assert not complaints, "\n".join([f"{len(complaints)} complaints", *complaints])
