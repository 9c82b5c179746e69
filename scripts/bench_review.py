"""Drawing reviews, measured: a pack from 20,000 published cases, the desk with 200 items, one saved answer."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count, islice

from django.test import Client

from casebook.drawing_report import drawing_report
from casebook.models import CasePage, Project
from casebook.models.packs import LARGEST_PACK
from casebook.services.bulk import PublishedCase, file_published_cases
from casebook.services.packing import build_pack, discard_pack, hand_over, start_project
from casebook.vocabulary import Component, Library, ReviewStage
from cms.sample_data import sample_cases, sample_fields
from estates.models import Estate, User

CASES, BATCH, ROUNDS = 20_000, 500, 15


def wall_ms(act: Callable[[], object], rounds: int) -> float:
    """The median milliseconds of one call, after a warm-up."""
    act()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        act()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def bench_reviews(manager: User, designer: User, estate: Estate, client_of: Callable[[User], Client]) -> None:
    """The bare page of the run is the sign-in page: the frame, and no record in it."""
    _file_cases(estate)
    bare = wall_ms(lambda: Client(SERVER_NAME="127.0.0.1").get("/login/"), ROUNDS)
    project = Project(
        estate=estate, name="bench", product_types=["high_rise"], climate="cold", components=[*Component.values]
    )
    start_project(by=manager, project=project, demanding=[])
    stage = project.stages.get(kind=ReviewStage.DRAWINGS)

    def build() -> None:
        discard_pack(by=manager, pack=build_pack(by=manager, stage=stage, library=Library.DESIGN, cap=40))

    _say("the report on drawing causes", wall_ms(lambda: drawing_report(manager, project), 3), bare, "")
    published = CasePage.objects.live().count()
    _say(f"a pack from {published:,} published cases", wall_ms(build, 3), bare, "2 s")
    pack = hand_over(by=manager, pack=build_pack(by=manager, stage=stage, library=Library.DESIGN, cap=LARGEST_PACK))
    client, base = client_of(designer), f"/packs/{pack.pk}/"
    _say(
        f"the desk with {pack.items.count()} items", wall_ms(lambda: _ok(client, f"{base}answer/"), ROUNDS), bare, "1 s"
    )
    ids = list(pack.items.values_list("pk", flat=True))
    _say("one item fetched", wall_ms(lambda: _ok(client, f"{base}items/{ids[0]}/"), ROUNDS), bare, "")
    waiting = iter(ids)

    def answer() -> None:
        posted = {"verdict": "avoided", "drawing_number": "A-12", "seen": "0"}
        saved = client.post(f"{base}items/{next(waiting)}/", posted, headers={"X-Fragment": "1"})
        if saved.status_code != 200:
            raise RuntimeError(saved.content.decode()[:500])

    _say("one saved answer", wall_ms(answer, ROUNDS * 4), bare, "200 ms")


def _ok(client: Client, address: str) -> None:
    answer = client.get(address, headers={"X-Fragment": "1"})
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")


def _say(name: str, ours: float, bare: float, aim: str) -> None:
    aimed = f"  aim {aim}" if aim else ""
    print(f"{name:<42}{ours:9.1f} ms   bare page {bare:6.1f} ms  x{ours / bare:6.1f}{aimed}")


def _file_cases(estate: Estate) -> None:
    cases = _cases(estate)
    missing = CASES - CasePage.objects.live().count()
    while batch := list(islice(cases, min(BATCH, missing))):
        file_published_cases(batch, by=None)
        missing -= len(batch)


def _cases(estate: Estate) -> Iterator[PublishedCase]:
    """The sample lessons over and over, all of them for design."""
    rows = [sample_fields(row) for row in sample_cases()]
    for number in count():
        fields = rows[number % len(rows)] | {"to_design": True}
        fields |= {"title": f"{fields['title']}{number}", "severity": 1 + number % 4}
        yield PublishedCase(
            estate, date(2024 + number % 3, 1 + number % 12, 1 + number % 28), fields, f"review-{number}"
        )
