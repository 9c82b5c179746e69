"""A backup taken while people write, restored to a new place: every row, file and register link equal."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from archives.factories import make_filed
from archives.models import DossierDocument, Tenure
from archives.register import Reader
from archives.services.disposing import decide_items, prepare_disposal, run_disposal
from casebook.factories import make_draft
from cms.backup import make_backup, restore_backup
from cms.database_copy import Manifest
from estates.factories import make_unit
from media.models import Photo
from tests.archives.conftest import Archive, build_archive
from tests.conftest import World
from vault.keyring import forget_keys, make_keys
from vault.register import write_anchor

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filed(build: Callable[[], World]) -> tuple[World, Archive]:
    world = build()
    archive = build_archive(world)
    make_filed(world.editor, archive.archivist, world.unit)
    make_draft(world.editor, world.estate, world.company.design)
    write_anchor()
    return world, archive


def in_restored(target: Path, keys: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A management command of a site that lives in the restored folder."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cms.settings.development",
        "ANJUAN_VAR": str(target),
        "ANJUAN_KEYS": str(keys),
        "ANJUAN_ANCHORS": str(target / "anchors"),
    }
    run = [sys.executable, "manage.py", *command]
    return subprocess.run(run, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603


def test_a_backup_under_writing_is_restored_equal(
    filed: tuple[World, Archive], keys: Path, files: Path, tmp_path: Path
) -> None:
    world, archive = filed
    units = [make_unit(world.estate, f"7栋1单元{floor}01") for floor in range(1, 9)]
    stop = threading.Event()

    def write() -> None:
        try:
            for seed, unit in enumerate(units, 10):
                if stop.is_set():
                    break
                make_filed(world.editor, archive.archivist, unit, "李四", seed)
        finally:
            connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    made = make_backup(tmp_path / "backups")
    stop.set()
    writer.join()
    target = tmp_path / "restored"
    manifest = restore_backup(made, target)
    assert manifest.rows["archives_dossierpage"] >= 1
    with closing(sqlite3.connect(target / "anjuan.sqlite3")) as copy:
        for table, count in manifest.rows.items():
            assert copy.execute(f'SELECT count(*) FROM "{table}"').fetchone() == (count,), table
        documents = copy.execute("SELECT path, sha256 FROM archives_dossierdocument").fetchall()
        photos = copy.execute("SELECT file, sha256 FROM media_photo").fetchall()
    assert (len(documents), len(photos)) == (manifest.rows["archives_dossierdocument"], Photo.objects.count())
    assert len(documents) >= 3
    for path, sha256 in [*documents, *photos]:
        assert hashlib.sha256((target / "files" / path).read_bytes()).hexdigest() == sha256
    verified = in_restored(target, keys, "verify_registers")
    assert (verified.returncode, verified.stdout.strip()) == (0, f"登记册完整：{manifest.register[0]} 行。")
    checked = in_restored(target, keys, "check_files")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_backup_holds_nothing_in_the_clear_and_no_keys(
    filed: tuple[World, Archive], keys: Path, tmp_path: Path
) -> None:
    made = make_backup(tmp_path / "backups")
    whole = made.read_bytes()
    assert b"SQLite format" not in whole
    assert "3栋2单元1201".encode() not in whole
    target = tmp_path / "restored"
    restore_backup(made, target)
    names = {path.name for path in target.rglob("*")}
    assert not names & {"seal.json", "find.json", "chain.json", "backup.json", "subjects.sqlite3"}


def test_a_backup_made_before_a_rotation_is_still_read(filed: tuple[World, Archive], tmp_path: Path) -> None:
    made = make_backup(tmp_path / "backups")
    call_command("rotate_keys", "--purpose", "backup")
    assert isinstance(restore_backup(made, tmp_path / "restored"), Manifest)


def test_a_damaged_backup_wrong_keys_and_a_folder_in_use_are_said_plainly(
    filed: tuple[World, Archive], keys: Path, tmp_path: Path, settings: object
) -> None:
    made = make_backup(tmp_path / "backups")
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "x").touch()
    with pytest.raises(CommandError, match="不是空文件夹"):
        call_command("restore", str(made), "--to", str(tmp_path / "used"))
    with pytest.raises(CommandError, match="没有这个备份文件"):
        call_command("restore", str(tmp_path / "none"), "--to", str(tmp_path / "a"))
    whole = made.read_bytes()
    for place, damaged in enumerate((whole[:-200], whole[:4000] + b"\0" + whole[4001:], b"", b"x" * 9000)):
        broken = tmp_path / f"broken{place}.backup"
        broken.write_bytes(damaged)
        with pytest.raises(CommandError, match="损坏、不完整"):
            call_command("restore", str(broken), "--to", str(tmp_path / f"b{place}"))
    settings.KEYS_ROOT = tmp_path / "other"  # type: ignore[attr-defined]
    forget_keys()
    with pytest.raises(CommandError, match=r"backup\.json 不在"):
        call_command("restore", str(made), "--to", str(tmp_path / "c"))
    make_keys()
    with pytest.raises(CommandError, match="不是用这套密钥做的"):
        call_command("restore", str(made), "--to", str(tmp_path / "d"))


def test_documents_of_the_restored_site_open_with_the_keys(
    filed: tuple[World, Archive], keys: Path, tmp_path: Path
) -> None:
    made = make_backup(tmp_path / "backups")
    target = tmp_path / "restored"
    restore_backup(made, target)
    script = (
        "from archives.models import DossierDocument as D; from archives.services.documents import open_document;"
        "from archives.register import Reader; from estates.models import User;"
        "d = D.objects.select_related('dossier__customer').get(kind='contract');"
        "print(open_document(reader=Reader(User.objects.get(username='archivist')), document=d).read(5))"
    )
    told = in_restored(target, keys, "shell", "-v", "0", "-c", script)
    assert told.stdout.strip() == "b'%PDF-'", told.stderr
    assert DossierDocument.objects.count() == 3


READ_ALL = """
from archives.models import DossierPage
from archives.profiles import latest_profile
from vault.data_keys import KeyDestroyed
for dossier in DossierPage.objects.order_by("number"):
    try:
        print(dossier.number, latest_profile(dossier.customer)["name"])
    except KeyDestroyed:
        print(dossier.number, "unreadable")
"""


def test_in_a_backup_from_before_a_disposal_that_customer_is_unreadable(
    filed: tuple[World, Archive], keys: Path, tmp_path: Path
) -> None:
    world, archive = filed
    gone = make_filed(
        world.editor,
        archive.archivist,
        make_unit(world.estate, "7栋1单元101"),
        "李四",
        2,
        tenure="tenant",
        opened_on=date(2001, 1, 1),
    )
    Tenure.objects.filter(pk=gone.tenure_id).update(closed_on=date(2010, 6, 30))
    made = make_backup(tmp_path / "backups")
    listed = prepare_disposal(by=archive.archivist, estate=world.estate)
    for person in (archive.archivist, world.manager):
        decide_items(by=person, disposal=listed, decisions={listed.items.get().pk: "destroy"})
    run_disposal(reader=Reader(archive.archivist), disposal=listed)
    target = tmp_path / "restored"
    manifest = restore_backup(made, target)
    assert manifest.rows["archives_profileversion"] == 2
    read = in_restored(target, keys, "shell", "-v0", "-c", READ_ALL)
    year = gone.record_date.year
    assert read.stdout.splitlines() == [f"YLW-DA-{year}-00001 张三", f"YLW-DA-{year}-00002 unreadable"], read.stderr
    again = in_restored(target, keys, "finish_disposals")
    assert "1 份在旧备份里又出现的档案已再次清除" in again.stdout, again.stderr
