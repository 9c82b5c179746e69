"""What is sealed is read only with its key, only where it stands; a destroyed key is gone for good."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from vault.blind_index import token
from vault.data_keys import KeyDestroyed, KeyUnknown, count_keys, destroy_key, key_of, make_key, make_many, wrap_again
from vault.keyring import KeysMissing, Purpose, WrongKeys, forget_keys, make_keys, rotate
from vault.models import KeyFingerprint
from vault.sealing import Spot, Tampered, seal, unseal

SPOT = Spot("archives.ProfileVersion", "7", "content")
PLAIN = "张三，13800000001".encode()
pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parent.parent.parent
KILLS = int(os.environ.get("SOAK_KILLS", "3"))


def test_what_was_sealed_opens_again_and_shows_nothing(keys: Path) -> None:
    make_key("a")
    sealed = seal("a", SPOT, PLAIN)
    assert unseal("a", SPOT, sealed) == PLAIN
    assert seal("a", SPOT, PLAIN) != sealed
    stored = sealed + b"".join(path.read_bytes() for path in keys.iterdir())
    for needle in (PLAIN, "张三".encode(), "张三".encode("utf-16-le"), b"13800000001"):
        assert needle not in stored


@pytest.mark.parametrize(
    "elsewhere",
    [
        Spot("archives.ProfileVersion", "8", "content"),
        Spot("archives.ProfileVersion", "7", "note"),
        Spot("archives.Customer", "7", "content"),
    ],
    ids=["another row", "another field", "another model"],
)
def test_what_was_moved_or_changed_does_not_open(keys: Path, elsewhere: Spot) -> None:
    make_key("a")
    make_key("b")
    sealed = seal("a", SPOT, PLAIN)
    for subject, spot, content in (
        ("a", elsewhere, sealed),
        ("b", SPOT, sealed),
        ("a", SPOT, sealed[:-1] + bytes([sealed[-1] ^ 1])),
        ("a", SPOT, b""),
    ):
        with pytest.raises(Tampered):
            unseal(subject, spot, content)


def test_a_destroyed_key_leaves_others_readable_and_comes_back_from_nowhere(keys: Path) -> None:
    make_many(["a", "b"])
    sealed, other = seal("a", SPOT, PLAIN), seal("b", SPOT, PLAIN)
    with sqlite3.connect(keys / "subjects.sqlite3") as store:
        wrapped = bytes(store.execute("SELECT wrapped FROM data_key WHERE subject = 'a'").fetchone()[0])
    destroy_key("a")
    destroy_key("a")
    with pytest.raises(KeyDestroyed):
        unseal("a", SPOT, sealed)
    with pytest.raises(KeyDestroyed):
        make_key("a")
    assert unseal("b", SPOT, other) == PLAIN
    assert [path.name for path in keys.iterdir() if wrapped in path.read_bytes()] == []


def test_a_missing_a_broken_and_a_foreign_key_are_said_plainly(keys: Path, tmp_path: Path, settings: Settings) -> None:
    make_key("a")
    sealed = seal("a", SPOT, PLAIN)
    kept = tmp_path / "kept"
    shutil.copytree(keys, kept)
    (keys / "seal.json").unlink()
    forget_keys()
    with pytest.raises(KeysMissing, match=r"seal\.json 不在"):
        unseal("a", SPOT, sealed)
    (keys / "seal.json").write_text("{}", "utf-8")
    with pytest.raises(KeysMissing, match="无法读取"):
        unseal("a", SPOT, sealed)
    (keys / "seal.json").unlink()
    make_keys()
    with pytest.raises(WrongKeys, match="不是这份数据的"):
        unseal("a", SPOT, sealed)
    (keys / "subjects.sqlite3").unlink()
    with pytest.raises(KeysMissing, match=r"subjects\.sqlite3 不在"):
        unseal("a", SPOT, sealed)
    settings.KEYS_ROOT = kept
    forget_keys()
    assert unseal("a", SPOT, sealed) == PLAIN


def test_keys_are_for_their_owner_only_and_made_once(keys: Path) -> None:
    before = {path.name: path.read_bytes() for path in keys.glob("*.json")}
    assert make_keys() == []
    assert {path.name: path.read_bytes() for path in keys.glob("*.json")} == before
    make_key("a")
    assert {path.stat().st_mode & 0o077 for path in keys.iterdir()} == {0}
    assert sorted(before) == ["backup.json", "chain.json", "find.json", "seal.json"]


def test_after_a_rotation_old_and_new_open_and_nothing_hangs_on_the_old_key(keys: Path) -> None:
    make_key("a")
    sealed = seal("a", SPOT, PLAIN)
    with sqlite3.connect(keys / "subjects.sqlite3") as store:
        before = store.execute("SELECT wrapped FROM data_key").fetchall()
    rotate(Purpose.SEAL)
    assert unseal("a", SPOT, sealed) == PLAIN
    assert list(wrap_again()) == [1]
    with sqlite3.connect(keys / "subjects.sqlite3") as store:
        assert store.execute("SELECT wrapped FROM data_key").fetchall() != before
    assert unseal("a", SPOT, sealed) == PLAIN
    with pytest.raises(ValueError, match="not rotated"):
        rotate(Purpose.FIND)


def test_the_same_name_has_the_same_token_and_another_key_another(keys: Path) -> None:
    first = token("name", "张三")
    assert (first, len(first)) == (token("name", "张三"), 20)
    assert len({first, token("pinyin", "张三"), token("name", "李四")}) == 3
    shutil.rmtree(keys)
    KeyFingerprint.objects.all().delete()
    make_keys()
    assert token("name", "张三") != first


def test_nobody_gets_a_key_by_the_way(keys: Path) -> None:
    with pytest.raises(KeyUnknown):
        seal("a", SPOT, PLAIN)
    assert count_keys() == 0


@pytest.mark.usefixtures("keys")
def test_the_commands_make_and_rotate_keys(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("make_keys")
    assert "没有改动" in capsys.readouterr().out
    make_key("a")
    call_command("rotate_keys")
    assert "1 个数据密钥" in capsys.readouterr().out
    (Path(settings.KEYS_ROOT) / "seal.json").unlink()
    forget_keys()
    with pytest.raises(CommandError, match="不在"):
        call_command("rotate_keys")


def test_a_rotation_that_is_killed_leaves_every_key_readable(keys: Path) -> None:
    """`SOAK_KILLS` raises the number of kills (`make soak`: 200)."""
    subjects = [f"s{n:03}" for n in range(400)]
    make_many(subjects)
    sealed = {subject: seal(subject, SPOT, subject.encode()) for subject in subjects}
    environment = os.environ | {"ANJUAN_KEYS": str(keys), "DJANGO_SETTINGS_MODULE": "cms.settings.test"}
    command = [sys.executable, "manage.py", "rotate_keys"]
    for kill in range(KILLS):
        with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL) as run:  # noqa: S603
            time.sleep(1.5 + 0.07 * (kill % 20))
            run.send_signal(signal.SIGKILL)
        forget_keys()
        assert all(unseal(subject, SPOT, sealed[subject]) == subject.encode() for subject in subjects)
    assert list(wrap_again())[-1] == count_keys() == len(subjects)
    assert key_of("s000").decrypt(sealed["s000"], SPOT.bound()) == b"s000"
