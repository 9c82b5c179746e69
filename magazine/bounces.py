"""Reads what comes back: delivery reports (RFC 3464) and complaints (RFC 5965). Which delivery it is about stands in
the envelope's address, so no address of a reader has to be looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import default
from email.utils import getaddresses

from magazine.vocabulary import BounceKind

KEY = re.compile(r"\+([0-9a-f]{32})(?:@|\Z)")
MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*<([0-9a-f]{32})@")
STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
TO_US = ("X-Original-To", "Delivered-To", "Envelope-To", "To")
LARGEST = 2_000_000


@dataclass(frozen=True, slots=True)
class Bounce:
    """`key` names the delivery; empty when nothing in the mail tells it."""

    key: str
    kind: BounceKind
    status: str = ""


def read_bounce(raw: bytes) -> Bounce | None:
    """None for a mail that is no report: an answer of absence, a reader's letter."""
    message = message_from_bytes(raw[:LARGEST], policy=default)
    kind, status = _kind_of(message)
    return Bounce(_key_of(message, raw), kind, status) if kind else None


def _kind_of(message: Message) -> tuple[BounceKind | None, str]:
    if message.get_content_type() == "multipart/report":
        if _parameter(message, "report-type") == "feedback-report":
            return BounceKind.COMPLAINT, ""
        return _by_status(_field(message, "Status"), _field(message, "Action"))
    return None, ""


def _by_status(status: str, action: str) -> tuple[BounceKind | None, str]:
    """A report of success or of a mere delay is no bounce; one that says neither is taken as passing."""
    found = STATUS.search(status)
    code = found.group() if found else ""
    if action.lower() in ("delivered", "relayed", "expanded", "delayed") or code.startswith("2"):
        return None, code
    return (BounceKind.HARD if code.startswith("5") else BounceKind.SOFT), code


def _field(message: Message, name: str) -> str:
    """From the machine-readable part: the fields of the recipient stand in a block of their own."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for block in _blocks(part):
                if value := block.get(name):
                    return str(value).strip()
    return ""


def _blocks(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (one for one in payload if isinstance(one, Message))


def _parameter(message: Message, name: str) -> str:
    value = message.get_param(name, "")
    return str(value).lower()


def _key_of(message: Message, raw: bytes) -> str:
    """From the address that it came to, else from the mail that it encloses."""
    received_for = [str(value) for name in TO_US for value in message.get_all(name, [])]
    for _name, address in getaddresses(received_for):
        if found := KEY.search(address.lower()):
            return found.group(1)
    enclosed = MESSAGE_ID.findall(raw)
    return enclosed[-1].decode() if enclosed else ""
