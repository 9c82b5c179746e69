"""SIGKILL at random points of filing, key rotation and backup: no number twice, nothing half, nothing unreadable.

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
from pathlib import Path

import pytest
from django.db import connections

from archives.factories import make_filed
from archives.models import DossierDocument, DossierPage, DossierStep, ProfileVersion
from archives.profiles import opened
from archives.register import Reader
from archives.services.documents import open_document
from archives.vocabulary import State, Step
from cms.backup import make_backup, restore_backup
from estates.factories import make_unit
from estates.models import Counter, NumberEntry
from media.integrity import check_files
from tests.archives.conftest import Archive, build_archive
from tests.conftest import World
from vault.data_keys import wrap_again
from vault.keyring import Purpose, forget_keys, rotate
from vault.register import verify_register

KILLS = int(os.environ.get("SOAK_KILLS", "20"))
LONGEST_SECONDS = 1.2
NAMES = ("张三", "李四", "王五")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(build: Callable[[], World]) -> tuple[World, Archive]:
    world = build()
    return world, build_archive(world)


def killed_at_random(act: Callable[[], None], draw: random.Random) -> None:
    """Run the act in a copy of this process and end it somewhere in the middle."""
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            act()
        finally:
            os._exit(0)  # whatever happens, the copy runs no further test
    time.sleep(draw.uniform(0.02, LONGEST_SECONDS))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def nothing_is_half(keys: Path) -> None:
    forget_keys()
    numbers = [number for number in DossierPage.objects.values_list("number", flat=True) if number]
    assert len(numbers) == len(set(numbers))
    assert sorted(numbers) == sorted(NumberEntry.objects.values_list("number", flat=True))
    assert sum(Counter.objects.filter(scope__startswith="DA:").values_list("last", flat=True)) == len(numbers)
    for dossier in DossierPage.objects.select_related("customer"):
        assert (dossier.state == State.FILED) == bool(dossier.number and dossier.filed_at and dossier.template_id)
        assert DossierStep.objects.filter(dossier=dossier, step=Step.FILED).count() == bool(dossier.number)
        assert dossier.customer.latest == dossier.customer.profiles.count()
        assert bool(dossier.customer.latest) == dossier.customer.tokens.exists()
    for version in ProfileVersion.objects.select_related("customer"):
        assert opened(version)["name"] in NAMES
    findings = check_files()
    assert (findings.missing, findings.altered) == ([], [])
    assert verify_register().broken == ""


def every_document_opens(reader: Reader) -> None:
    for document in DossierDocument.objects.select_related("dossier__customer"):
        assert open_document(reader=reader, document=document).read().startswith(b"%PDF-")


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
