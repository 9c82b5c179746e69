"""E1: an import that the worker and the tick are at together ends as one of them would end it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

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
