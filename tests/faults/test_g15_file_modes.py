"""G15: what the product writes is for its own account and group; keys for the account alone."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import Settings

from cms.backup import make_backup, restore_backup
from tests.conftest import World
from vault.register import Access, note_access, write_anchor

ROOT = Path(__file__).resolve().parent.parent.parent
OTHERS = stat.S_IRWXO
WRITES = """
import os, pathlib
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE sample (number INTEGER)")
    cursor.execute("INSERT INTO sample VALUES (1)")
    folder = pathlib.Path(os.environ["ANJUAN_VAR"])
print({path.name: oct(path.stat().st_mode & 0o777) for path in sorted(folder.iterdir())})
"""
TOUCHES = "import cms.wsgi, pathlib, os; pathlib.Path(os.environ['ANJUAN_VAR'], 'a').touch()"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def modes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): mode(path) for path in sorted(folder.rglob("*"))}


def run(var: Path, umask: int, *command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cms.settings.development",
        "ANJUAN_VAR": str(var),
        "DATABASE_URL": "",
    }
    return subprocess.run(  # noqa: S603  our own commands
        [sys.executable, *command], cwd=ROOT, env=environment, umask=umask, capture_output=True, text=True, check=True
    )


@pytest.mark.parametrize("umask", [0o022, 0o000], ids=["usual", "none"])
def test_g15_the_database_and_its_log_are_not_for_others(tmp_path: Path, umask: int) -> None:
    told = run(tmp_path / "var", umask, "manage.py", "shell", "--no-imports", "-c", WRITES).stdout
    assert told == (
        "{'anjuan.sqlite3': '0o640', 'anjuan.sqlite3-shm': '0o640', 'anjuan.sqlite3-wal': '0o640', "
        "'secret-key': '0o600'}\n"
    )
    assert mode(tmp_path / "var") == 0o750


def test_g15_a_stricter_account_stays_stricter(tmp_path: Path) -> None:
    told = run(tmp_path / "var", 0o077, "manage.py", "shell", "--no-imports", "-c", WRITES).stdout
    assert "'anjuan.sqlite3': '0o600'" in told
    assert mode(tmp_path / "var") == 0o700


def test_g15_web_processes_write_as_commands_do(tmp_path: Path) -> None:
    run(tmp_path / "var", 0o000, "-c", TOUCHES)
    assert mode(tmp_path / "var" / "a") == 0o640


def test_g15_backups_keys_copies_and_anchors(
    story_world: World, keys: Path, files: Path, settings: Settings, tmp_path: Path
) -> None:
    default_storage.save("YLW/2026-11/sample.txt", ContentFile(b"sample"))
    note_access(story_world.editor, Access("archive.read", "s1", "YLW-DA-2026-00001"))
    write_anchor()
    made = make_backup(tmp_path / "backups")
    assert (mode(made.parent), mode(made)) == (0o750, 0o640)
    assert mode(keys) == 0o700
    assert set(modes(keys).values()) == {0o600}
    copies = Path(settings.KEY_COPIES_ROOT)
    assert mode(copies) == 0o700
    assert set(modes(copies).values()) == {0o600}
    assert mode(Path(settings.ANCHORS_ROOT)) & (OTHERS | stat.S_IWGRP) == 0
    assert {found & OTHERS for found in modes(Path(settings.ANCHORS_ROOT)).values()} == {0}
    assert modes(files) == {"YLW": 0o750, "YLW/2026-11": 0o750, "YLW/2026-11/sample.txt": 0o640}
    restore_backup(made, tmp_path / "restored")
    assert {found & OTHERS for found in modes(tmp_path / "restored").values()} == {0}


def test_g15_what_an_older_version_wrote_is_named(settings: Settings, tmp_path: Path) -> None:
    database = tmp_path / "old.sqlite3"
    database.touch()
    database.chmod(0o644)
    settings.DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(database)}}
    settings.FILES_ROOT = tmp_path / "not-there"
    settings.KEYS_ROOT.chmod(0o755)
    told = {message.msg: message.hint for message in run_checks() if message.id == "vault.W002"}
    assert told == {
        f"这台机器上的其他账号能读 {path}。": f"运行：chmod -R o-rwx {path}" for path in (settings.KEYS_ROOT, database)
    }
    database.chmod(0o640)
    settings.KEYS_ROOT.chmod(0o700)
    assert [message for message in run_checks() if message.id == "vault.W002"] == []
