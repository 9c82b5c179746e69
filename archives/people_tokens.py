"""What of a profile can be found, as tokens of the blind index; and what a typed text may mean about a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pypinyin import Style, pinyin

from archives.items import DOTS, Value, address_key, identity_key, name_key, phone_key
from archives.models import TemplateItem
from archives.vocabulary import ADDRESS, NAME, ItemKind
from vault.blind_index import token

TAIL = 4
SHORTEST_PHONE = 6
LATIN = re.compile(r"\A[a-z][a-z '’]{0,60}\Z")
PHONE_LIKE = re.compile(r"\A\+?[\d\s().\-－—]{6,24}\Z")
CARD_LIKE = re.compile(r"\A\d{17}[\dX]\Z|\A[A-Z0-9]{0,6}\d{5,12}[A-Z0-9]{0,4}\Z|\A[0-9A-HJ-NPQRTUWXY]{18}\Z")
DOT = re.compile(f"[{re.escape(DOTS)}]")


@dataclass(frozen=True, slots=True)
class Meaning:
    """One reading of what was typed: a kind of token, and its normalised text. `by` is the code of that kind of
    search for the register."""

    by: str
    kind: str
    text: str

    @property
    def token(self) -> str:
        return token(self.kind, self.text)


def tokens_of(profile: Mapping[str, Value], items: Mapping[str, TemplateItem]) -> dict[str, str]:
    """Every token under which the customer is found or compared, with its kind."""
    made: list[tuple[str, str]] = []
    for code, value in profile.items():
        kind = items[code].kind if code in items else ""
        if not isinstance(value, str) or not value:
            continue
        if code == NAME:
            made += _of_name(value)
        elif code == ADDRESS:
            made.append(("address", address_key(value)))
        elif kind == ItemKind.PHONE:
            made += _of_phone(value)
        elif kind == ItemKind.IDENTITY:
            made.append(("identity", identity_key(value)))
    return {token(kind, text): kind for kind, text in made if text}


def _of_name(name: str) -> Iterator[tuple[str, str]]:
    """The name, the parts of one with dots, its pinyin and initials in every reading of the surname."""
    parts = [name, *DOT.split(name)] if DOT.search(name) else [name]
    for key in dict.fromkeys(filter(None, map(name_key, parts))):
        yield "name", key
        for spelled in _readings(key):
            yield "pinyin", "".join(spelled)
            yield "initials", "".join(syllable[0] for syllable in spelled)


def _readings(name: str) -> list[tuple[str, ...]]:
    """Syllables of the name; the first character in every reading (单: dan, shan), the others in their usual one."""
    usual = [syllables[0] for syllables in pinyin(name, style=Style.NORMAL)]
    first = pinyin(name[0], style=Style.NORMAL, heteronym=True)[0]
    spelled = dict.fromkeys((one, *usual[1:]) for one in first)
    return [reading for reading in spelled if all(map(str.isascii, reading))]


def _of_phone(written: str) -> Iterator[tuple[str, str]]:
    number = phone_key(written)
    digits = "".join(char for char in number if char.isdigit())
    if len(digits) >= SHORTEST_PHONE:
        yield "phone", number
        yield "tail", digits[-TAIL:]


def meanings(text: str) -> list[Meaning]:
    """How what was typed may name a person; empty for what can be no name, phone or ID number."""
    plain = " ".join(text.split())
    compact = identity_key(plain)
    found = []
    if compact.isdigit() and len(compact) == TAIL:
        found.append(Meaning("tail", "tail", compact))
    if PHONE_LIKE.match(plain) and len(phone_key(plain)) >= SHORTEST_PHONE:
        found.append(Meaning("phone", "phone", phone_key(plain)))
    if CARD_LIKE.match(compact):
        found.append(Meaning("identity", "identity", compact))
    lower = plain.lower()
    if LATIN.match(lower):
        letters = re.sub(r"[ '’]", "", lower)
        found += [Meaning("pinyin", "pinyin", letters), Meaning("pinyin", "initials", letters)]
    if name_key(plain) and not compact.isdigit():
        found.append(Meaning("name", "name", name_key(plain)))
    return found
