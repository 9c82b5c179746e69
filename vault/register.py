"""The access register: lines are appended under a lock, each signed over the one before; verified from end to end.

Four ways to tamper are named: a changed line, a missing line, lines cut off the end, and an older database put back
(the anchors, kept apart, know more lines than it has).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import tink
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vault.keyring import signer
from vault.models import AccessEntry, RegisterHead

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

CHUNK = 2_000
ANCHORS = "access.jsonl"


@dataclass(frozen=True, slots=True)
class Access:
    """What is to be noted. `subject` and `record` name whose and what by lasting ids, never by a name; `part` what
    of the record, by codes."""

    act: str
    subject: str = ""
    record: str = ""
    purpose: str = ""
    count: int = 1
    address: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`broken` says in words what is wrong first, and where; empty for a whole register of `lines` lines."""

    lines: int
    broken: str = ""


def note_access(who: AbstractBaseUser | None, access: Access) -> AccessEntry:
    """Append a line. It is part of the transaction it stands in: what was refused or rolled back notes itself apart."""
    return note_accesses(who, [access])[0]


@transaction.atomic
def note_accesses(who: AbstractBaseUser | None, accesses: Iterable[Access]) -> list[AccessEntry]:
    """Append lines in this order, as `note_access` does one: a search shows several people at once."""
    wanted = list(accesses)
    if not wanted:
        return []
    head, _made = RegisterHead.objects.select_for_update().get_or_create(pk=1)
    entries = []
    for access in wanted:
        head.sequence += 1
        entry = _entry(who, access, head.sequence)
        head.mac = entry.mac = _signed(_line(entry, head.mac))
        entries.append(entry)
    AccessEntry.objects.bulk_create(entries)
    head.signature = _signed(_end(head.sequence, head.mac))
    head.save()
    return entries


def _entry(who: AbstractBaseUser | None, access: Access, sequence: int) -> AccessEntry:
    return AccessEntry(
        sequence=sequence,
        at=timezone.now(),
        who_id=who.pk if who else None,
        act=access.act,
        subject=access.subject,
        record=access.record,
        part=access.part,
        purpose=access.purpose[:200],
        count=access.count,
        address=access.address[:45],
    )


def verify_register() -> Verdict:
    """Go through the whole chain, its end and the anchors; names the first thing that is wrong."""
    lines, last = 0, ""
    try:
        anchors = {anchor.sequence: anchor for anchor in read_anchors()}
    except AnchorBroken as error:
        return Verdict(lines, str(error))
    for entry in AccessEntry.objects.order_by("sequence").iterator(chunk_size=CHUNK):
        if entry.sequence != lines + 1:
            return Verdict(lines, _("缺少第 %(n)d 行") % {"n": lines + 1})
        if not _holds(entry.mac, _line(entry, last)):
            return Verdict(lines, _("第 %(n)d 行被改动") % {"n": entry.sequence})
        lines, last = entry.sequence, entry.mac
        if lines in anchors and anchors[lines].mac != last:
            return Verdict(lines, _("第 %(n)d 行和存证不一致") % {"n": lines})
    return Verdict(lines, _end_broken(lines, last) or _behind(anchors, lines))


def _end_broken(lines: int, last: str) -> str:
    head = RegisterHead.objects.filter(pk=1).first()
    if head is None:
        return _("登记册末端不见了") if lines else ""
    if not _holds(head.signature, _end(head.sequence, head.mac)):
        return _("登记册末端被改动")
    if (head.sequence, head.mac) != (lines, last):
        return _("末尾少了 %(n)d 行") % {"n": head.sequence - lines}
    return ""


def _behind(anchors: dict[int, Anchor], lines: int) -> str:
    latest = max(anchors, default=0)
    if latest <= lines:
        return ""
    told = {"day": anchors[latest].day, "n": latest, "lines": lines}
    return _("%(day)s 的存证有 %(n)d 行，数据库只有 %(lines)d 行：数据库被换成了旧的") % told


class AnchorBroken(Exception):
    """A line of the anchor file was changed."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the register was on a day: its length and its last hash."""

    day: str
    sequence: int
    mac: str


def write_anchor() -> Anchor | None:
    """Add the register's present end to the anchor file, which is kept apart from the database. None for an empty
    register."""
    head = RegisterHead.objects.filter(pk=1).first()
    if head is None or not head.sequence:
        return None
    anchor = Anchor(f"{timezone.localdate():%Y-%m-%d}", head.sequence, head.mac)
    told = [anchor.day, anchor.sequence, anchor.mac]
    path = anchor_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps([*told, _signed(_plain(["anchor", *told]))]) + "\n")
    return anchor


def read_anchors() -> Iterator[Anchor]:
    """Raises AnchorBroken at the first line that was not written with the key."""
    path = anchor_file()
    if not path.exists():
        return
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            day, sequence, mac, signature = json.loads(line)
            whole = _holds(signature, _plain(["anchor", day, sequence, mac]))
        except (ValueError, TypeError):
            whole = False
        if not whole:
            raise AnchorBroken(_("存证文件第 %(n)d 行被改动") % {"n": number})
        yield Anchor(day, sequence, mac)


def anchor_file() -> Path:
    return Path(settings.ANCHORS_ROOT) / ANCHORS


def _line(entry: AccessEntry, before: str) -> bytes:
    at: datetime = entry.at
    told = [
        *(before, entry.sequence, at.astimezone(UTC).isoformat(timespec="microseconds"), entry.who_id),
        *(str(entry.act), entry.subject, entry.record, entry.purpose, entry.count, entry.address),
    ]
    return _plain(["line", *told, *([entry.part] if entry.part else [])])


def _end(sequence: int, mac: str) -> bytes:
    return _plain(["end", sequence, mac])


def _plain(told: list[object]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _signed(content: bytes) -> str:
    return bytes(signer().compute_mac(content)).hex()


def _holds(signature: str, content: bytes) -> bool:
    try:
        signer().verify_mac(bytes.fromhex(signature), content)
    except (tink.TinkError, ValueError, TypeError):
        return False
    return True
