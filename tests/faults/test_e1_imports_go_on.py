"""E1: an import that the worker and the tick are at together ends as one of them would end it; a broken one stops no
other, and keeps no sheet readable."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from archives.handover_import import HandoverImporter
from archives.handover_samples import sample_rows, sample_table
from archives.models import Customer, DossierPage
from exchange import reading_in
from exchange.importers import Work
from exchange.importing import begin, check_batch, drop_batch, go_on, start_batch
from exchange.models import ImportBatch
from exchange.tables import Problem, TableRow
from tests.archives.conftest import Archive, build_archive
from tests.conftest import World
from vault.data_keys import KeyDestroyed, key_of


@pytest.fixture
def archive(world: World) -> Archive:
    return build_archive(world)


def sent(world: World, archive: Archive, rows: int, first: int = 0) -> ImportBatch:
    table = sample_table(list(sample_rows(first + rows))[first:])
    return start_batch(by=archive.sales, kind="handover", options={"estate": world.estate.pk}, content=table)


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """While the first to check looks at its first chunk, somebody else acts."""
    examine, acts = HandoverImporter.examine, [act]

    def examined(importer: HandoverImporter, rows: Sequence[TableRow], work: Work) -> Sequence[Problem]:
        found = examine(importer, rows, work)
        while acts:
            acts.pop()()
        return found

    monkeypatch.setattr(HandoverImporter, "examine", examined)


def chunks_of(batch: ImportBatch) -> list[str]:
    return list(batch.chunks.order_by("number").values_list("state", flat=True))


def test_e1_what_was_written_while_the_tick_still_checked_can_be_taken_back_whole(
    world: World, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_in, "CHUNK", 2)
    batch = sent(world, archive, 4)
    the_tick = ImportBatch.objects.get(pk=batch.pk)

    def worker_checks_a_person_writes() -> None:
        check_batch(ImportBatch.objects.get(pk=batch.pk))
        go_on(begin(by=archive.sales, batch=batch, state="writing"))

    meanwhile(monkeypatch, worker_checks_a_person_writes)
    check_batch(the_tick)
    batch.refresh_from_db()
    assert (batch.state, chunks_of(batch)) == ("written", ["written", "written"])
    subjects = list(Customer.objects.values_list("subject", flat=True))
    assert len(subjects) == 4
    go_on(begin(by=archive.sales, batch=batch, state="undoing"))
    batch.refresh_from_db()
    assert (batch.state, chunks_of(batch)) == ("undone", ["gone", "gone"])
    assert (DossierPage.objects.count(), Customer.objects.count()) == (0, 0)
    for subject in subjects:
        with pytest.raises(KeyDestroyed):
            key_of(subject)


def test_e1_what_was_given_up_while_it_was_checked_stays_given_up(
    world: World, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = sent(world, archive, 2)
    meanwhile(monkeypatch, lambda: drop_batch(by=archive.sales, batch=batch))
    check_batch(ImportBatch.objects.get(pk=batch.pk))
    batch.refresh_from_db()
    assert (batch.state, batch.is_readable, chunks_of(batch)) == ("dropped", False, [])


def test_e1_a_broken_batch_stops_no_later_one_and_keeps_no_sheet_readable(
    world: World, archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    old = sent(world, archive, 2)
    check_batch(old)
    go_on(begin(by=archive.sales, batch=old, state="writing"))
    ImportBatch.objects.filter(pk=old.pk).update(settled_at=timezone.now() - timedelta(31))
    broken, later = sent(world, archive, 1, first=2), sent(world, archive, 1, first=3)
    ImportBatch.objects.filter(pk=broken.pk).update(kind="nobody")
    with (
        caplog.at_level(logging.ERROR, "exchange.management.commands.go_on_imports"),
        pytest.raises(CommandError, match=f"这些导入批次没有继续下去：{broken.pk}。"),
    ):
        call_command("go_on_imports")
    states = dict(ImportBatch.objects.values_list("pk", "state"))
    assert states == {old.pk: "written", broken.pk: "reading", later.pk: "checked"}
    old.refresh_from_db()
    assert (old.is_readable, {bytes(chunk.sealed) for chunk in old.chunks.all()}) == (False, {b""})
    with pytest.raises(KeyDestroyed):
        key_of(old.subject)
    assert [record.getMessage() for record in caplog.records] == [f"import batch {broken.pk} did not go on"]
