"""Numbers that belong to a person, however they are written: telephones and identity cards.

Works on folded text (see `text.folding`). What separates the digits of a number (blanks, dashes, dots, brackets, signs,
pictures) counts for nothing, unless the parts are what a case speaks of anyway: dates, homes, measures, amounts, codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from text.folding import fold
from text.identity import is_hong_kong_card, is_old_card, is_resident_card

FEWEST_DIGITS = 7
NUMERALS = dict(
    zip("零〇○◯一二三四五六七八九壹贰叁肆伍陆柒捌玖貳參陸幺两兩", "00001234567891234567892361" + "22", strict=True)
)
ALIKE = str.maketrans({**NUMERALS, **dict.fromkeys("OoОоΟο", "0"), **dict.fromkeys("lI|丨Іі", "1")})
"""Chinese numerals, and letters that are taken for digits."""

DIGITISH = re.compile(rf"[\d{''.join(NUMERALS)}OoОоΟοlI|丨Іі]")

GAP = r"[^\w\n,:;=×%°℃<>?!+±$¥£€]|[_一ー丨]"
S = rf"(?:{GAP}){{0,3}}"
"""What may stand between two digits of one number. Not a comma nor a colon: those make lists, amounts and times."""

ANY = r"[^\w\n]{1,3}"
AREA = r"(?:10|2\d|[3-9]\d\d)"
LOCAL = rf"{S}[2-8](?:{S}\d){{6,7}}"
CHINA = rf"(?:\+{S}86|00{S}86|86)"
EXTENSION = r"(?:\s?(?:转|分机|ext\.?|x)\s?\d{1,6})?"
PHONES = tuple(
    re.compile(rf"(?<!\d){pattern}(?!\d)", re.IGNORECASE)
    for pattern in (
        rf"(?:{CHINA}{S})?0?1{S}[3-9](?:{S}\d){{9}}",
        rf"(?:{CHINA}{S})?1[3-9]\d({ANY})\d{{4}}\1\d{{4}}",
        rf"(?:{CHINA}{S}\(?)?0{AREA}{LOCAL}{EXTENSION}",
        rf"{CHINA}{S}{AREA}{LOCAL}{EXTENSION}",
        rf"[48]{S}0{S}0(?:{S}\d){{7}}{EXTENSION}",
        r"\+ ?[1-9](?:[ \-()]{0,2}\d){8,13}",
        r"00(?:852|853|886)(?:[ \-()]{0,2}\d){7,9}",
    )
)
LABELLED = re.compile(
    rf"(?:电话|座机|热线|手机|電話|座機|熱線|手機|tel|phone)\D{{0,4}}(?P<number>[2-8](?:{S}\d){{6,7}})(?!\d)",
    re.IGNORECASE,
)
CARD = re.compile(rf"(?<!\d)[1-9](?:{S}\d){{16}}{S}[\dXx×ХхΧχ✕✖](?!\d)")
OLD_CARD = re.compile(rf"(?<!\d)[1-9](?:{S}\d){{14}}(?![\dXx])")
HONG_KONG = re.compile(rf"(?<![A-Za-z\d])[A-Za-z]{{1,2}}{S}\d(?:{S}\d){{5}}{S}\({S}[\dAa]{S}\)")

ROOM = r"0?[1-9]\d?(?:0[1-9]|1\d|20)"
ORDINARY = re.compile(
    rf"(?:\d{{1,2}}[A-Za-z]?-(?:\d{{1,2}}-)?[1-9]\d{{2,3}}|{ROOM}"
    r"|(?:19|20)\d\d(?P<sep>[-./])(?:0?[1-9]|1[0-2])(?:(?P=sep)(?:0?[1-9]|[12]\d|3[01]))?"
    r"|\d{1,4}\.\d{1,3})"
)
"""A home, a room, a date, a measure."""

SMALL = re.compile(r"[1-9]\d?")

AMOUNT = re.compile(r"\d{5,}\.\d{2}|\d{1,3}(?: \d{3})+(?:\.\d+)?")
MEASURED = re.compile(r"\s?(?:元(?!旦|月|宵)|万|亿|平|米|吨|户|套|㎡|m|kg)", re.IGNORECASE)
CODE_BEFORE = re.compile(r"(?:[A-Za-z]|[\u4e00-\u9fff](?<!电话|手机|座机|热线|联系|号码|電話|手機))-\Z")
USUAL_GROUPS = frozenset(
    [(10,), (11,), (3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (4, 4, 3), (5, 6), (3, 7), (3, 3, 4), (3, 4, 3)]
)
MOBILE_ALONE = re.compile(r"0?1[3-9]\d{9}")
OFFICE = re.compile(rf"[48]00\d{{7}}|(?:0?{AREA})?[2-8]\d{{6,7}}")
SPLIT = re.compile(r"[\s/]+")
CUT = re.compile(rf"(?<!\d)\d(?:{S}\d){{4,}}(?=\s*(?:\.\.\.)?\s*\Z)")


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """Where it stands in the folded text; `is_phone`, else an identity number."""

    is_phone: bool
    start: int
    end: int


def find_numbers(folded: str) -> Iterator[FoundNumber]:
    """Telephone and identity numbers, in no order; they may overlap."""
    if len(DIGITISH.findall(folded)) < FEWEST_DIGITS:
        return
    spelled = folded.translate(ALIKE)
    for view in (folded, spelled) if spelled != folded else (folded,):
        yield from _cards(view)
        yield from _phones(view)


def is_office_number(phone: str) -> bool:
    """Of a telephone number that was found: a fixed line or a hotline, which a company publishes, and no mobile."""
    digits = "".join(char for char in re.split(r"转|分机|ext|x", fold(phone))[0].translate(ALIKE) if char.isdigit())
    national = re.sub(r"\A(?:00)?86(?=\d{9})", "", digits)
    return not MOBILE_ALONE.match(national) and bool(OFFICE.fullmatch(national))


def cut_number(folded: str) -> FoundNumber | None:
    """Digits at the very end of a text that was cut there: they may be the beginning of any number."""
    found = CUT.search(folded)
    return FoundNumber(is_phone=True, start=found.start(), end=found.end()) if found else None


def _cards(text: str) -> Iterator[FoundNumber]:
    checks: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
        (CARD, is_resident_card),
        (OLD_CARD, is_old_card),
        (HONG_KONG, is_hong_kong_card),
    )
    for pattern, is_valid in checks:
        for match in pattern.finditer(text):
            if is_valid("".join(char for char in match[0] if char.isalnum() or char in "×✕✖")):
                yield FoundNumber(is_phone=False, start=match.start(), end=match.end())


def _phones(text: str) -> Iterator[FoundNumber]:
    for pattern in PHONES:
        start = 0
        while match := pattern.search(text, start):
            if _is_ordinary(text, match.start(), match.end()):
                start = match.start() + 1
                continue
            yield FoundNumber(is_phone=True, start=match.start() - _opens(match), end=match.end())
            start = match.end()
    for match in LABELLED.finditer(text):
        if not _is_ordinary(text, *match.span("number")):
            yield FoundNumber(is_phone=True, start=match.start("number"), end=match.end("number"))


def _opens(match: re.Match[str]) -> int:
    """1 where a bracket that closes inside opens just before."""
    return int(match[0].count(")") > match[0].count("(") and match.string[: match.start()].endswith("("))


def _is_ordinary(text: str, start: int, end: int) -> bool:
    """Whether digits that could be a telephone number are rather several other things, a code, or an amount."""
    number = text[start:end]
    if AMOUNT.fullmatch(number) and ("." in number or MEASURED.match(text, end)):
        return True
    groups = tuple(len(part) for part in re.findall(r"\d+", number))
    if groups not in USUAL_GROUPS and CODE_BEFORE.search(text[max(start - 4, 0) : start]):
        return True
    whole_start = max(text.rfind(blank, 0, start) for blank in " /\n") + 1
    after = [place for blank in " /\n" if (place := text.find(blank, end)) >= 0]
    parts = SPLIT.split(_bare(text[whole_start : min(after, default=len(text))]))
    known = [bool(ORDINARY.fullmatch(part)) for part in parts]
    return (
        len(parts) > 1
        and any(known)
        and all(SMALL.fullmatch(part) for part, is_known in zip(parts, known, strict=True) if not is_known)
    )


def _bare(text: str) -> str:
    """Without the words that touch the first and the last number."""
    return re.sub(r"\A\D+|\D+\Z", "", text)
