"""SIGKILL at random points of filing, rotation, backup, importing, merging and disposal: no number twice, nothing
half, nothing unreadable.

`SOAK_KILLS` raises the number of kills of each (`make soak`: 200).
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from django.db import connections

from archives.factories import enter, make_dossier, make_filed
from archives.handover_samples import SURNAMES, sample_rows, sample_table
from archives.models import Customer, DossierDocument, DossierPage, DossierStep, Merge, ProfileVersion, Tenure
from archives.profiles import latest_profile, opened
from archives.register import Reader
from archives.services.disposing import decide_items, prepare_disposal, run_disposal
from archives.services.documents import open_document
from archives.services.merging import merge_dossiers
from archives.services.unmerging import undo_merge
from archives.vocabulary import State, Step
from cms.backup import make_backup, restore_backup
from estates.factories import make_unit
from estates.models import Counter, NumberEntry
from exchange import importing, reading_in
from media.integrity import check_files
from tests.archives.conftest import Archive, build_archive
from tests.conftest import World
from vault.data_keys import KeyDestroyed, key_of, wrap_again
from vault.keyring import Purpose, forget_keys, rotate
from vault.register import verify_register

KILLS = int(os.environ.get("SOAK_KILLS", "20"))
LONGEST_SECONDS = 1.2
NAMES = ("张三", "李四", "王五")
IMPORTED = 400
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(build: Callable[[], World]) -> tuple[World, Archive]:
    world = build()
    return world, build_archive(world)


def killed_at_random(act: Callable[[], None], draw: random.Random, longest: float = LONGEST_SECONDS) -> None:
    """Run the act in a copy of this process and end it somewhere in the middle."""
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            act()
        finally:
            os._exit(0)  # whatever happens, the copy runs no further test
    time.sleep(draw.uniform(0.02, longest))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def nothing_is_half(keys: Path) -> None:
    forget_keys()
    numbers = [number for number in DossierPage.objects.values_list("number", flat=True) if number]
    assert len(numbers) == len(set(numbers))
    assert sorted(numbers) == sorted(NumberEntry.objects.values_list("number", flat=True))
    assert sum(Counter.objects.filter(scope__startswith="DA:").values_list("last", flat=True)) == len(numbers)
    for dossier in DossierPage.objects.select_related("customer"):
        filed = dossier.state in (State.FILED, State.DISPOSED)
        assert filed == bool(dossier.number and dossier.filed_at and dossier.template_id)
        assert DossierStep.objects.filter(dossier=dossier, step=Step.FILED).count() == bool(dossier.number)
        assert dossier.customer.latest == dossier.customer.profiles.count()
        assert bool(dossier.customer.latest) == dossier.customer.tokens.exists()
    for version in ProfileVersion.objects.select_related("customer"):
        assert str(opened(version)["name"])[0] in f"{NAMES}{SURNAMES}"
    findings = check_files()
    assert (findings.missing, findings.altered) == ([], [])
    assert verify_register().broken == ""


def every_document_opens(reader: Reader) -> None:
    for document in DossierDocument.objects.select_related("dossier__customer"):
        assert open_document(reader=reader, document=document, purpose="verify").read().startswith(b"%PDF-")


def test_filing_is_whole_or_not_at_all(people: tuple[World, Archive], keys: Path, files: Path) -> None:
    world, archive = people
    draw = random.Random(6)
    for kill in range(KILLS):
        units = [make_unit(world.estate, f"{8 + kill // 50}栋{1 + kill % 50}单元{floor}01") for floor in range(1, 4)]

        def file_some(units: list[object] = units, seed: int = kill) -> None:  # type: ignore[assignment]
            for place, unit in enumerate(units):
                make_filed(world.editor, archive.archivist, unit, NAMES[place % 3], seed)  # type: ignore[arg-type]

        killed_at_random(file_some, draw)
    nothing_is_half(keys)
    every_document_opens(Reader(archive.archivist))
    plain = [path for path in files.rglob("*") if path.is_file() and path.read_bytes().startswith(b"%PDF")]
    assert plain == []
    filed = make_filed(world.editor, archive.archivist, world.unit)
    assert str(filed.number).endswith(f"{NumberEntry.objects.count():05}")


def test_a_rotation_leaves_every_profile_and_document_readable(people: tuple[World, Archive], keys: Path) -> None:
    world, archive = people
    for place, name in enumerate(NAMES, 1):
        make_filed(world.editor, archive.archivist, make_unit(world.estate, f"6栋1单元{place}01"), name, place)
    draw = random.Random(7)

    def turn() -> None:
        while True:
            rotate(Purpose.SEAL)
            list(wrap_again(batch=1))

    for _kill in range(KILLS):
        killed_at_random(turn, draw)
        nothing_is_half(keys)
    every_document_opens(Reader(archive.archivist))


def test_a_backup_is_whole_or_not_there(people: tuple[World, Archive], keys: Path, tmp_path: Path) -> None:
    world, archive = people
    make_filed(world.editor, archive.archivist, world.unit)
    folder = tmp_path / "backups"
    draw = random.Random(8)

    def back_up() -> None:
        while True:
            make_backup(folder)

    for _kill in range(KILLS):
        killed_at_random(back_up, draw)
    nothing_is_half(keys)
    whole = sorted(folder.glob("*.backup"))
    assert whole
    for place, one in enumerate(whole[:5]):
        target = tmp_path / f"restored{place}"
        assert restore_backup(one, target).rows["archives_dossierpage"] == 1
        with closing(sqlite3.connect(target / "anjuan.sqlite3")) as copy:
            assert copy.execute("SELECT number FROM archives_dossierpage").fetchall() == [
                (DossierPage.objects.get().number,)
            ]


def test_an_import_goes_on_where_it_was_and_is_taken_back_whole(
    people: tuple[World, Archive], keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while writing, then while undoing; in the end everything is there once, then nothing."""
    world, archive = people
    monkeypatch.setattr(reading_in, "CHUNK", 20)
    make_filed(world.editor, archive.archivist, world.unit)
    draw, options = random.Random(9), {"estate": world.estate.pk}
    table = sample_table(list(sample_rows(IMPORTED)))
    batch = importing.start_batch(by=archive.sales, kind="handover", options=options, content=table)
    importing.go_on(batch)
    for state, there in (("writing", IMPORTED), ("undoing", 0)):
        importing.begin(by=archive.sales, batch=batch, state=state)
        for _kill in range(KILLS // 2):
            killed_at_random(lambda: importing.go_on(batch), draw, longest=0.4)
            nothing_is_half(keys)
            chunks = batch.chunks.filter(state="written").count()
            assert DossierPage.objects.count() == 1 + 20 * chunks
        importing.go_on(batch)
        assert DossierPage.objects.count() == Tenure.objects.count() == 1 + there
    batch.refresh_from_db()
    assert batch.state == "undone"
    nothing_is_half(keys)


def test_a_merge_and_its_undoing_are_whole_or_not_at_all(people: tuple[World, Archive], keys: Path) -> None:
    world, archive = people
    keep = make_filed(world.editor, archive.archivist, world.unit)
    other = make_dossier(world.editor, make_unit(world.estate, "3栋2单元1202"), "李四", 2)
    enter(world.editor, other, {"cuisine": "川菜"})
    reader, draw = Reader(archive.second_archivist), random.Random(10)

    def back_and_forth() -> None:
        while True:
            pair = [DossierPage.objects.get(pk=one.pk) for one in (keep, other)]
            if open_merge := Merge.objects.filter(undone_at=None).first():
                undo_merge(reader=reader, merge=open_merge)
            else:
                merge_dossiers(reader=reader, keep=pair[0], other=pair[1], chosen={}, reason="同一人")

    for _kill in range(KILLS):
        killed_at_random(back_and_forth, draw)
        nothing_is_half(keys)
        gone = DossierPage.objects.get(pk=other.pk)
        is_merged = Merge.objects.filter(undone_at=None).exists()
        assert (gone.state == State.MERGED, gone.merged_into_id, gone.tenure_id is None) == (
            is_merged,
            keep.pk if is_merged else None,
            is_merged,
        )
        profile = latest_profile(Customer.objects.get(pk=keep.customer_id))
        assert (profile["mobile"], profile.get("cuisine")) == ("13800000001", "川菜" if is_merged else None)


def test_a_disposal_is_brought_to_its_end(people: tuple[World, Archive], keys: Path, files: Path) -> None:
    world, archive = people
    reader, draw = Reader(archive.archivist), random.Random(11)
    for kill in range(KILLS):
        gone = [
            make_filed(
                world.editor,
                archive.archivist,
                make_unit(world.estate, f"{20 + kill // 50}栋{1 + kill % 50}单元{place}01"),
                NAMES[place],
                kill * 3 + place,
                tenure="tenant",
                opened_on=date(2001, 1, 1),
            )
            for place in range(3)
        ]
        Tenure.objects.filter(dossier__in=gone).update(closed_on=date(2010, 6, 30))
        listed = prepare_disposal(by=archive.archivist, estate=world.estate)
        decisions = {item.pk: "destroy" for item in listed.items.all()}
        for person in (archive.archivist, world.manager):
            decide_items(by=person, disposal=listed, decisions=decisions)
        killed_at_random(lambda made=listed: run_disposal(reader=reader, disposal=made), draw, longest=0.25)  # type: ignore[misc]
        nothing_is_half(keys)
        for item in listed.items.select_related("dossier__customer"):
            assert (item.dossier.state == State.FILED) == (item.state == "waiting")
            assert bool(item.dossier.customer.latest) == (item.state == "waiting")
        run_disposal(reader=reader, disposal=listed)
        assert set(listed.items.values_list("state", flat=True)) == {"destroyed"}
        for one in gone:
            with pytest.raises(KeyDestroyed):
                key_of(one.customer.subject)
    findings = check_files()
    assert (findings.missing, findings.altered, findings.orphans) == ([], [], [])
