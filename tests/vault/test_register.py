"""The access register: every way to tamper with it is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from tests.conftest import World
from vault.fingerprints import WrongKeys
from vault.models import AccessEntry, KeyFingerprint, RegisterHead
from vault.models.access import Act
from vault.register import Access, anchor_file, note_access, verify_register, write_anchor

LINES = 30


@pytest.fixture
def lines(keys: Path, world: World) -> list[AccessEntry]:
    return [
        note_access(world.editor, Access(Act.VIEWED, f"s{n}", f"YLW-DA-2026-{n:05}", "回访", 1, "127.0.0.1"))
        for n in range(LINES)
    ]


def test_a_register_that_nobody_touched_is_whole(lines: list[AccessEntry], capsys: pytest.CaptureFixture[str]) -> None:
    write_anchor()
    assert (verify_register().lines, verify_register().broken) == (LINES, "")
    call_command("verify_registers")
    assert "登记册完整：30 行" in capsys.readouterr().out
    with pytest.raises(TypeError, match="written once"):
        lines[0].save()


def test_an_empty_register_is_whole(keys: Path, db: None) -> None:
    assert (verify_register().lines, verify_register().broken, write_anchor()) == (0, "", None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("purpose", "回访 "),
        ("subject", "s8"),
        ("act", Act.EXPORTED),
        ("count", 2),
        ("address", "127.0.0.2"),
        ("who_id", None),
        ("at", "2026-01-01T00:00:00Z"),
        ("mac", "00"),
        ("sequence", 99),
    ],
)
def test_a_changed_line_is_named(lines: list[AccessEntry], field: str, value: object) -> None:
    AccessEntry.objects.filter(pk=lines[6].pk).update(**{field: value})
    broken = verify_register().broken
    assert broken == ("缺少第 7 行" if field == "sequence" else "第 7 行被改动")
    with pytest.raises(CommandError, match="登记册不完整"):
        call_command("verify_registers")


def test_one_flipped_bit_of_a_hash_is_named(lines: list[AccessEntry]) -> None:
    mac = bytearray.fromhex(lines[11].mac)
    mac[-1] ^= 1
    AccessEntry.objects.filter(pk=lines[11].pk).update(mac=mac.hex())
    assert verify_register().broken == "第 12 行被改动"


def test_lines_deleted_in_the_middle_or_at_the_end_are_named(lines: list[AccessEntry]) -> None:
    AccessEntry.objects.filter(pk__in=[line.pk for line in lines[-10:]]).delete()
    assert verify_register().broken == "末尾少了 10 行"
    AccessEntry.objects.filter(pk=lines[4].pk).delete()
    assert verify_register().broken == "缺少第 5 行"


def test_whoever_rewrites_the_end_without_the_key_is_named(lines: list[AccessEntry]) -> None:
    AccessEntry.objects.filter(pk__in=[line.pk for line in lines[-10:]]).delete()
    RegisterHead.objects.update(sequence=LINES - 10, mac=lines[-11].mac)
    assert verify_register().broken == "登记册末端被改动"
    RegisterHead.objects.all().delete()
    assert verify_register().broken == "登记册末端不见了"


def test_every_later_hash_computed_anew_without_the_key_is_named(
    lines: list[AccessEntry], keys: Path, tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With keys of his own somebody makes a chain that is whole in itself."""
    from vault import keyring

    rows = list(AccessEntry.objects.order_by("sequence"))
    settings.KEYS_ROOT = tmp_path / "forged"  # type: ignore[attr-defined]
    keyring.forget_keys()
    keyring.make_keys()
    KeyFingerprint.objects.all().delete()
    AccessEntry.objects.all().delete()
    RegisterHead.objects.all().delete()
    for row in rows:
        note_access(row.who, Access(row.act, row.subject, row.record, "别的目的", row.count, row.address))
    assert verify_register().broken == ""
    settings.KEYS_ROOT = keys  # type: ignore[attr-defined]
    keyring.forget_keys()
    with pytest.raises(WrongKeys, match=r"chain\.json 里的密钥不是这份数据的"):
        verify_register()
    KeyFingerprint.objects.all().delete()
    assert verify_register().broken == "第 1 行被改动"


def test_yesterdays_database_put_back_is_named_by_the_anchor(lines: list[AccessEntry], world: World) -> None:
    head = RegisterHead.objects.values().get()
    for number in range(3):
        note_access(world.editor, Access(Act.REVEALED, f"t{number}"))
    anchor = write_anchor()
    assert anchor is not None
    AccessEntry.objects.filter(sequence__gt=LINES).delete()
    RegisterHead.objects.update(**{name: head[name] for name in ("sequence", "mac", "signature")})
    assert verify_register().broken == f"{anchor.day} 的存证有 33 行，数据库只有 30 行：数据库被换成了旧的"
    for number in range(3):
        note_access(world.editor, Access(Act.VIEWED, f"u{number}"))
    assert verify_register().broken == "第 33 行和存证不一致"


def test_a_changed_anchor_is_named(lines: list[AccessEntry]) -> None:
    write_anchor()
    told = json.loads(anchor_file().read_text("utf-8"))
    told[1] = 20
    anchor_file().write_text(json.dumps(told) + "\nnothing\n", "utf-8")
    assert verify_register().broken == "存证文件第 1 行被改动"


def test_what_is_rolled_back_leaves_no_gap(lines: list[AccessEntry], world: World) -> None:
    from django.db import transaction

    class Broken(Exception):
        pass

    def note_and_fail() -> None:
        with transaction.atomic():
            note_access(world.editor, Access(Act.VIEWED, "x"))
            raise Broken

    with pytest.raises(Broken):
        note_and_fail()
    note_access(None, Access(Act.REFUSED, "x"))
    assert (verify_register().lines, verify_register().broken) == (LINES + 1, "")


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain(keys: Path, build: Callable[[], World]) -> None:
    world = build()

    def note(number: int) -> None:
        try:
            note_access(world.editor, Access(Act.VIEWED, f"s{number}"))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note, range(80)))
    assert (verify_register().lines, verify_register().broken) == (80, "")
