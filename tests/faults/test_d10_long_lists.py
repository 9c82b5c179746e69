"""Work lists cost no more with many records, and nothing is cut without a word. No clock: queries, rows fetched and the
steps that the database itself took are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from archives.handover_watch import count_lacking, lacking_for
from archives.models import DossierPage, DuplicateProposal, Handover
from archives.worklist_samples import pair_customers, write_dossiers
from estates.models import Estate, User
from tests.archives.conftest import Archive, archive
from tests.conftest import World
from vault.models import AccessEntry

__all__ = ["archive"]
FEW, MANY = 200, 800
STEP = 100
PAGES = ["/work/", "/archive/", "/archive/duplicates/", "/archive/gaps/", "/archive/loans/", "/archive/requests/"]


@dataclass
class Cost:
    queries: int = 0
    rows: int = 0
    steps: int = 0
    seen: list[str] = field(default_factory=list)


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cost]:
    """What is asked of the database: queries, rows that came back, and (SQLite) hundreds of steps inside it."""
    cost = Cost()

    def asked(execute: Callable[..., object], sql: str, *given: object) -> object:
        cost.queries += 1
        return execute(sql, *given)

    def step() -> int:
        cost.steps += 1
        return 0

    def fetchmany(self: CursorWrapper, *given: Any) -> list[object]:
        rows = list(self.cursor.fetchmany(*given))
        cost.rows += len(rows)
        return rows

    with monkeypatch.context() as patch:
        patch.setattr(CursorWrapper, "fetchmany", fetchmany, raising=False)
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            connection.connection.set_progress_handler(step, STEP)
        try:
            with connection.execute_wrapper(asked):
                yield cost
        finally:
            if connection.vendor == "sqlite":
                connection.connection.set_progress_handler(None, STEP)


def fill(world: World, first: int, last: int) -> None:
    write_dossiers(world.estate, world.editor, range(first, last))
    DuplicateProposal.objects.all().delete()
    pair_customers()


def page_cost(user: User, address: str, monkeypatch: pytest.MonkeyPatch) -> Cost:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    client.get(address)
    with counted(monkeypatch) as cost:
        answer = client.get(address)
    assert answer.status_code == 200, address
    return cost


def people(world: World, archive: Archive) -> list[User]:
    return [world.editor, archive.archivist, world.manager]


def test_d10_four_times_the_records_cost_the_same_queries_and_rows(
    world: World, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    Handover.objects.create(
        estate=world.estate, begins_on=timezone.localdate() + timedelta(20), planned_by=world.manager
    )
    pages = [*PAGES, "/archive/handovers/"]
    who = people(world, archive)
    fill(world, 0, FEW)
    before = {
        (user.username, page): page_cost(user, page, monkeypatch)
        for user in who
        for page in pages
        if user != world.editor or "duplicates" not in page
    }
    fill(world, 1_000, 1_000 + MANY - FEW)
    for (username, page), few in before.items():
        many = page_cost(User.objects.get(username=username), page, monkeypatch)
        named = f"{page} for {username}: {few} then {many}"
        assert many.queries <= few.queries + 2, named
        assert many.rows <= few.rows * 1.6 + 60, named
        assert many.steps <= few.steps * 6 + 200, named


def exported(client: Client, estate: Estate) -> list[tuple[object, ...]]:
    answer = client.post("/archive/gaps/", {"estate": estate.code, "month": ""})
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    return list(sheet.iter_rows(min_row=2, values_only=True))


def test_d10_the_export_of_all_gaps_has_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(world, 0, 1_000)
    fill(world, 1_000, 2_000)
    fill(world, 2_000, 2_600)
    unfiled = DossierPage.objects.exclude(state="filed").count()
    assert unfiled == 520
    client = Client()
    client.force_login(world.manager)
    rows = exported(client, world.estate)
    assert len({row[0] for row in rows}) == unfiled
    assert AccessEntry.objects.filter(act="exported").count() == unfiled
    page = client.get("/archive/gaps/").content.decode()
    assert ("第 1–100 份，共 520 份" in page, "导出表格（520 份）" in page) == (True, True)


def test_d10_what_is_listed_only_in_part_says_so(world: World, archive: Archive) -> None:
    fill(world, 0, 1_000)
    client = Client()
    client.force_login(world.editor)
    waiting = DossierPage.objects.filter(state__in=["entering", "returned"]).count()
    assert waiting == 150
    assert f"只列出前 8 项，共 {waiting} 项" in client.get("/work/").content.decode()
    assert f"只列出前 20 项，共 {waiting} 项" in client.get("/archive/").content.decode()


def test_d10_homes_that_lack_something_are_counted_as_they_are_listed(world: World) -> None:
    fill(world, 0, 300)
    planned = Handover.objects.create(estate=world.estate, begins_on=timezone.localdate(), planned_by=world.manager)
    listed = list(lacking_for(planned))
    assert count_lacking(planned) == len(listed)
    assert 0 < len(listed) < 300
