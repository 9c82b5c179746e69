"""One unit, one code: every way staff write a unit becomes `building-entrance-room`, such as `3-2-1201`.

Pure Python, no Django: search analyses text with the same rules. A building without entrances has the
entrance `0` (`5-0-302`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
NUMERAL = "零〇一二两三四五六七八九十"
DASHES = re.compile("[‐‑‒–—―−﹣－~〜]")

BUILDING = rf"(?P<building>\d{{1,3}}[A-Z]?|[A-Z]\d{{0,2}}|[{NUMERAL}]{{1,3}})"
BUILDING_MARK = r"(?:号楼|#楼|栋楼|楼栋|栋|幢|座|#)"
ENTRANCE = rf"(?P<entrance>\d{{1,2}}|[{NUMERAL}]{{1,3}})(?:单元|单|门洞|门|梯)"
ROOM = (
    rf"(?:(?P<room>\d{{3,4}}[A-Z]?)"
    rf"|(?P<floor>\d{{1,2}}|[{NUMERAL}]{{1,3}})(?:楼|层)-?(?P<flat>\d{{1,2}}|[{NUMERAL}]{{1,3}}))"
    r"(?:室|房|户|号房|号)?"
)
BEFORE, AFTER = r"(?<![A-Z0-9.\-])", r"(?![A-Z0-9]|-\d)"

SPELLINGS = tuple(
    re.compile(BEFORE + pattern + AFTER)
    for pattern in (
        rf"{BUILDING}{BUILDING_MARK}-?{ENTRANCE}-?{ROOM}",
        rf"{BUILDING}{BUILDING_MARK}-?(?P<entrance>\d{{1,2}})-{ROOM}",
        r"(?P<building>\d{1,3}[A-Z]?|[A-Z]\d{0,2})-(?P<entrance>\d{1,2})-(?P<room>\d{3,4}[A-Z]?)(?:室|房|号)?",
        rf"{BUILDING}{BUILDING_MARK}-?{ROOM}",
    )
)
CANONICAL = re.compile(r"(?:\d{1,3}[A-Z]?|[A-Z]\d{0,2})-\d{1,2}-\d{3,4}[A-Z]?")
NO_ENTRANCE = "0"


class UnitCodeError(ValueError):
    """The text names no unit."""


@dataclass(frozen=True, slots=True, order=True)
class UnitCode:
    """Building `3`, entrance `2` (`0` where there is none), room `1201`; letters are capitals."""

    building: str
    entrance: str
    room: str

    def __str__(self) -> str:
        return f"{self.building}-{self.entrance}-{self.room}"

    @property
    def written(self) -> str:
        """As a person would write it: 3栋2单元1201, or 5栋302 where the building has no entrances."""
        entrance = "" if self.entrance == NO_ENTRANCE else f"{self.entrance}单元"
        return f"{self.building}栋{entrance}{self.room}"


@dataclass(frozen=True, slots=True)
class FoundUnit:
    code: UnitCode
    start: int
    end: int


BLANK_INSIDE = re.compile(rf"(?<=[\d{NUMERAL}A-Z#\-栋幢座楼元])[ \t]+(?=[\d{NUMERAL}栋幢座单号楼室层#\-])")
DASHES_DOUBLED = re.compile(r"(?<=[A-Z0-9栋幢座楼元#]-)-+(?=\d)")


def fold(text: str) -> str:
    """Full width to half, capitals, one kind of dash, no blanks inside what may be a unit.

    The length may change: spans that `find_units` returns refer to the folded text.
    """
    folded = DASHES.sub("-", unicodedata.normalize("NFKC", text)).upper()
    return DASHES_DOUBLED.sub("", BLANK_INSIDE.sub("", folded))


def fold_with_origin(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the position it came from."""
    chars: list[str] = []
    origin: list[int] = []
    for position, char in enumerate(text):
        piece = DASHES.sub("-", unicodedata.normalize("NFKC", char)).upper()
        chars.append(piece)
        origin.extend([position] * len(piece))
    folded = "".join(chars)
    for superfluous in (BLANK_INSIDE, DASHES_DOUBLED):
        for match in reversed(list(superfluous.finditer(folded))):
            folded = folded[: match.start()] + folded[match.end() :]
            del origin[match.start() : match.end()]
    return folded, origin


def mask_units(text: str, mask: str) -> str:
    """The text as written, with every unit named in it replaced."""
    folded, origin = fold_with_origin(text)
    for unit in reversed(list(find_units(folded))):
        text = text[: origin[unit.start]] + mask + text[origin[unit.end - 1] + 1 :]
    return text


def number_of(text: str) -> str:
    """Digits of a number written in digits or in Chinese up to 99; letters stay, leading zeros go."""
    if not any(char in NUMERAL for char in text):
        return text.lstrip("0") or "0"
    if "十" not in text:
        return "".join(str(DIGITS[char]) for char in text).lstrip("0") or "0"
    tens, _, ones = text.partition("十")
    value = (DIGITS[tens[-1]] if tens else 1) * 10 + (DIGITS[ones[0]] if ones else 0)
    return str(value)


WRITTEN_NUMBER = re.compile("[一二三四五六七八九]?十[一二三四五六七八九]?|[零〇一二三四五六七八九]+")


def in_digits(folded: str) -> str:
    """The text with every number up to 99 that is written in Chinese in digits."""
    return WRITTEN_NUMBER.sub(lambda match: number_of(match[0]), folded)


def _code(match: re.Match[str]) -> UnitCode:
    parts = match.groupdict()
    room = parts.get("room")
    if not room:
        room = f"{number_of(parts['floor'])}{number_of(parts['flat']).zfill(2)}"
    entrance = number_of(parts["entrance"]) if parts.get("entrance") else NO_ENTRANCE
    return UnitCode(number_of(parts["building"]), entrance, room.lstrip("0").zfill(3))


def find_units(folded: str) -> Iterator[FoundUnit]:
    """Units named anywhere in folded text, left to right, none overlapping another."""
    taken = 0
    found: dict[int, FoundUnit] = {}
    for spelling in SPELLINGS:
        for match in spelling.finditer(folded):
            found.setdefault(match.start(), FoundUnit(_code(match), match.start(), match.end()))
    for start in sorted(found):
        if start >= taken:
            taken = found[start].end
            yield found[start]


def parse_unit(text: str) -> UnitCode:
    """The one unit that the whole text names. Raises UnitCodeError when it names none, or more than that."""
    folded = fold(text).strip()
    for unit in find_units(folded):
        if unit.start == 0 and unit.end == len(folded):
            return unit.code
    raise UnitCodeError(text)
