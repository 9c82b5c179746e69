"""D12: the database knows its keys: no second set is made for it, none is used, and words say what is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from archives.factories import make_filed
from archives.models import Contact, ProfileVersion
from archives.profiles import latest_profile
from tests.archives.conftest import Archive, build_archive
from tests.conftest import World
from vault.keyring import forget_keys, make_keys
from vault.models import AccessEntry

EXPECTED = ["backup.json", "chain.json", "find.json", "seal.json", "subjects.sqlite3"]


@pytest.fixture
def archive(world: World) -> Archive:
    return build_archive(world)


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("left", [[], ["find.json", "chain.json"]], ids=["empty", "half"])
def test_d12_make_keys_makes_no_second_set_where_data_are_encrypted(
    world: World, archive: Archive, keys: Path, settings: Settings, tmp_path: Path, left: list[str]
) -> None:
    make_filed(world.editor, archive.archivist, world.unit)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in left:
        shutil.copy(keys / name, elsewhere / name)
    settings.KEYS_ROOT = elsewhere
    forget_keys()
    with pytest.raises(CommandError, match="已经有加密的数据"):
        call_command("make_keys")
    assert files_in(elsewhere) == sorted(left)
    settings.KEYS_ROOT = keys
    forget_keys()
    assert files_in(keys) == EXPECTED


def test_d12_a_foreign_folder_is_said_in_words_and_nothing_is_written_with_it(
    world: World, archive: Archive, keys: Path, settings: Settings, tmp_path: Path
) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    client = Client()
    client.force_login(world.editor)
    assert client.get(filed.get_absolute_url()).status_code == 200
    lines, versions = AccessEntry.objects.count(), ProfileVersion.objects.count()
    settings.KEYS_ROOT = tmp_path / "foreign"
    forget_keys()
    make_keys()
    stored = (tmp_path / "foreign" / "subjects.sqlite3").read_bytes()
    shown = client.get(filed.get_absolute_url())
    assert (shown.status_code, "不是这份数据的" in shown.content.decode()) == (503, True)
    noted = client.post(
        f"/archive/d/{filed.number}/act/",
        {"action": "contact", "on": "2026-01-02", "channel": "phone", "text": "示例谈话"},
    )
    assert noted.status_code == 503
    assert "不要覆盖" in noted.content.decode()
    assert (AccessEntry.objects.count(), ProfileVersion.objects.count(), Contact.objects.count()) == (
        lines,
        versions,
        0,
    )
    assert (tmp_path / "foreign" / "subjects.sqlite3").read_bytes() == stored
    with pytest.raises(CommandError, match="不是这份数据的"):
        call_command("rotate_keys")
    settings.KEYS_ROOT = keys
    forget_keys()
    assert latest_profile(filed.customer)["name"] == "张三"


def test_d12_a_store_that_is_away_or_empty_gets_no_second_key_for_anybody(
    world: World, archive: Archive, keys: Path, tmp_path: Path
) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    client = Client()
    client.force_login(world.editor)
    talk = {"action": "contact", "on": "2026-01-02", "channel": "phone", "text": "示例谈话"}
    (keys / "subjects.sqlite3").rename(tmp_path / "kept.sqlite3")
    assert client.post(f"/archive/d/{filed.number}/act/", talk).status_code == 503
    assert files_in(keys) == [name for name in EXPECTED if name != "subjects.sqlite3"]
    (tmp_path / "kept.sqlite3").rename(keys / "subjects.sqlite3")
    assert client.post(f"/archive/d/{filed.number}/act/", talk).status_code == 302
    assert Contact.objects.get().note(filed.customer.subject) == "示例谈话"


def test_d12_check_and_health_compare_the_keys_with_the_database(
    world: World, archive: Archive, keys: Path, settings: Settings, tmp_path: Path, client: Client
) -> None:
    make_filed(world.editor, archive.archivist, world.unit)
    assert client.get("/health/").status_code == 200
    call_command("check", databases=["default"])
    settings.KEYS_ROOT = tmp_path / "foreign"
    forget_keys()
    make_keys()
    cache.clear()
    assert client.get("/health/").status_code == 503
    with pytest.raises(CommandError, match="不是这份数据的"):
        call_command("check", databases=["default"], fail_level="ERROR")
