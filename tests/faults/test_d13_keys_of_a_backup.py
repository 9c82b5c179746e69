"""D13: a copy of the keys belongs to each backup, restoring with older keys is refused, and a command names whose data
have no usable key, by number."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from archives.factories import make_dossier, make_filed
from archives.profiles import latest_profile
from cms.backup import KeysLacking, make_backup, restore_backup
from cms.database_copy import BackupError
from estates.factories import make_unit
from tests.archives.conftest import Archive, build_archive
from tests.conftest import World
from vault.data_keys import destroy_key
from vault.fingerprints import KeysUnusable
from vault.key_copies import read_copy, refresh_copies, unusable_in
from vault.keyring import forget_keys

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filed(build: Callable[[], World]) -> tuple[World, Archive, str]:
    world = build()
    archive = build_archive(world)
    return world, archive, str(make_filed(world.editor, archive.archivist, world.unit).number)


def copy_of(made: Path, settings: Settings) -> Path:
    return Path(settings.KEY_COPIES_ROOT) / f"{made.stem}.keys"


def test_d13_a_backup_comes_with_its_keys_and_is_restored_with_them_alone(
    filed: tuple[World, Archive, str], keys: Path, tmp_path: Path, settings: Settings
) -> None:
    world, archive, _number = filed
    newest = make_filed(world.editor, archive.archivist, make_unit(world.estate, "7栋1单元101"), "李四", 9)
    made = make_backup(tmp_path / "backups")
    copy = copy_of(made, settings)
    content = copy.read_bytes()
    for name in ("seal.json", "subjects.sqlite3"):
        assert (keys / name).read_bytes()[20:60] not in content
    assert copy.stat().st_mode & 0o077 == 0
    assert unusable_in(read_copy(copy), [newest.customer.subject]) == set()
    shutil.rmtree(keys)
    forget_keys()
    call_command("restore", str(made), "--to", str(tmp_path / "restored"), "--key-copy", str(copy))
    settings.KEYS_ROOT = tmp_path / "restored" / "keys"
    forget_keys()
    assert latest_profile(newest.customer)["name"] == "李四"
    settings.KEY_COPY_PASSWORD = "another-password-0123456789"
    with pytest.raises(KeysUnusable, match="打不开"):
        read_copy(copy)


def test_d13_keys_older_than_the_data_are_refused_and_named_by_number(
    filed: tuple[World, Archive, str],
    keys: Path,
    tmp_path: Path,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world, archive, first = filed
    shutil.copytree(keys, tmp_path / "copied")
    newest = make_filed(world.editor, archive.archivist, make_unit(world.estate, "7栋1单元101"), "李四", 9)
    begun = make_dossier(world.editor, make_unit(world.estate, "7栋1单元201"), "王五", 8)
    made = make_backup(tmp_path / "backups")
    settings.KEYS_ROOT = tmp_path / "copied"
    forget_keys()
    with pytest.raises(CommandError, match="密钥比备份里的数据旧") as refused:
        call_command("restore", str(made), "--to", str(tmp_path / "restored"))
    told = str(refused.value)
    assert (str(newest.number) in told, begun.slug in told, first in told) == (True, True, False)
    assert "李四" not in told
    assert list((tmp_path / "restored").iterdir()) == []
    with pytest.raises(CommandError, match="2 份内容没有能用的密钥"):
        call_command("check_keys")
    assert capsys.readouterr().out.split() == sorted([str(newest.number), begun.slug])
    accepted = restore_backup(made, tmp_path / "accepted", accept_missing_keys=True)
    assert accepted.key_copy == copy_of(made, settings).name
    assert restore_backup(made, tmp_path / "restored", key_copy=copy_of(made, settings)).rows == accepted.rows
    settings.KEYS_ROOT = keys
    forget_keys()
    call_command("check_keys")
    assert "没有缺少的" in capsys.readouterr().out


def test_d13_a_backup_says_which_keys_are_lacking_when_it_is_made(
    filed: tuple[World, Archive, str], keys: Path, tmp_path: Path
) -> None:
    _world, _archive, number = filed
    with closing(sqlite3.connect(keys / "subjects.sqlite3")) as store, store:
        store.execute("UPDATE data_key SET wrapped = x'00'")
    with pytest.raises(KeysLacking, match=number):
        make_backup(tmp_path / "backups")
    assert len(list((tmp_path / "backups").glob("*.backup"))) == 1


def test_d13_the_copy_does_not_lie_with_the_backup(
    filed: tuple[World, Archive, str], tmp_path: Path, settings: Settings
) -> None:
    for folder in (Path(settings.KEY_COPIES_ROOT), Path(settings.KEY_COPIES_ROOT) / "in"):
        with pytest.raises(BackupError, match="两个不同的地方"):
            make_backup(folder)
    made = make_backup(tmp_path / "backups")
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_d13_a_destroyed_key_leaves_every_copy_and_a_lost_one_none(
    filed: tuple[World, Archive, str], keys: Path, tmp_path: Path, settings: Settings
) -> None:
    world, archive, _number = filed
    other = make_filed(world.editor, archive.archivist, make_unit(world.estate, "7栋1单元101"), "李四", 9)
    made = make_backup(tmp_path / "backups")
    before = read_copy(copy_of(made, settings))
    destroy_key(other.customer.subject)
    refresh_copies()
    after = read_copy(copy_of(made, settings))
    for files, expected in ((before, 1), (after, 0)):
        with closing(sqlite3.connect(":memory:")) as store:
            store.deserialize(files["subjects.sqlite3"])
            row = store.execute("SELECT count(*) FROM data_key WHERE subject = ?", [other.customer.subject]).fetchone()
            assert row == (expected,)
    with closing(sqlite3.connect(keys / "subjects.sqlite3")) as store, store:
        store.execute("DELETE FROM data_key")
    refresh_copies()
    assert read_copy(copy_of(made, settings)) == after
    assert json.loads(after["seal.json"])["key"]
