"""The filing plan: how records are numbered and where files lie. Pure rules; nothing is stored here."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from datetime import date

from text.folding import fold

LONGEST_NAME_BYTES = 240
SAFE_PART = re.compile(r"\A[A-Z0-9][A-Z0-9-]{0,39}\Z")
SAFE_EXTENSION = re.compile(r"\A[a-z0-9]{1,8}\Z")
COMMON = "COMMON"
"""The unit part of a file that belongs to no single unit."""

NUMBER_PARTS = {"ESTATE", "KIND", "YYYY", "SEQ"}


class FilingPlanError(ValueError):
    """A pattern or a part that cannot make a number or a path."""


def check_number_pattern(pattern: str) -> None:
    """Raises FilingPlanError unless the pattern uses ESTATE, KIND, YYYY and SEQ once each and makes safe text."""
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None]
        sample = pattern.format(ESTATE="YLW", KIND="AL", YYYY=2026, SEQ=1)
    except (ValueError, KeyError, IndexError) as error:
        raise FilingPlanError(f"NUMBER_PATTERN {pattern!r} cannot be read: {error}") from error
    if sorted(names) != sorted(NUMBER_PARTS):
        raise FilingPlanError(f"NUMBER_PATTERN {pattern!r} must use each of ESTATE, KIND, YYYY, SEQ once.")
    if not SAFE_PART.match(sample):
        raise FilingPlanError(f"NUMBER_PATTERN {pattern!r} makes {sample!r}: capitals, digits and hyphens only.")


def record_key(text: str) -> str:
    """A number or a key as it was typed, as it is compared."""
    return "".join(fold(text).split())


def number_in(text: str, pattern: str, kind: str) -> str:
    """The record number of that kind in the text, however it was typed (full width, small letters, blanks for hyphens,
    without leading zeros); empty where there is none."""
    match = re.search(_number_regex(pattern, kind), " ".join(fold(text).split()).upper())
    if match is None:
        return ""
    told = match.groupdict()
    return record_number(pattern, estate=told["ESTATE"], kind=kind, year=int(told["YYYY"]), sequence=int(told["SEQ"]))


def _number_regex(pattern: str, kind: str) -> str:
    parts = {"ESTATE": "[A-Z0-9]{2,8}", "KIND": re.escape(kind), "YYYY": r"\d{4}", "SEQ": r"\d{1,9}"}
    made = []
    for literal, name, _spec, _conversion in string.Formatter().parse(pattern):
        made += [r"[ -]*" if char == "-" else re.escape(char) for char in literal]
        if name:
            made.append(f"(?P<{name}>{parts[name]})")
    return rf"(?<![A-Z0-9]){''.join(made)}(?!\d)"


def record_number(pattern: str, *, estate: str, kind: str, year: int, sequence: int) -> str:
    return pattern.format(ESTATE=estate, KIND=kind, YYYY=year, SEQ=sequence)


def month_of(day: date) -> str:
    """The folder of a record date: `2026-11`."""
    return f"{day:%Y-%m}"


@dataclass(frozen=True, slots=True)
class FilePlace:
    """What decides a file's name and folder. `unit` is a canonical code, or None for common parts."""

    estate: str
    unit: str | None
    kind: str
    day: date

    @property
    def scope(self) -> str:
        """Sequence numbers count per estate, kind and day."""
        return f"file:{self.estate}:{self.kind}:{self.day:%Y%m%d}"

    def path(self, sequence: int, extension: str) -> str:
        """`YLW/2026-11/YLW_3-2-1201_AL_20261122_00001.jpg`. Raises FilingPlanError on an unsafe part."""
        unit = self.unit or COMMON
        for part in (self.estate, unit, self.kind):
            if not SAFE_PART.match(part):
                raise FilingPlanError(f"{part!r} cannot be part of a file name.")
        if not SAFE_EXTENSION.match(extension):
            raise FilingPlanError(f"{extension!r} cannot be a file extension.")
        name = f"{self.estate}_{unit}_{self.kind}_{self.day:%Y%m%d}_{sequence:05}.{extension}"
        if len(name.encode()) > LONGEST_NAME_BYTES:
            raise FilingPlanError(f"The file name is longer than {LONGEST_NAME_BYTES} bytes.")
        return f"{self.estate}/{month_of(self.day)}/{name}"
