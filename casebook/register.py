"""The register of case numbers: what was given in an estate and a year, and what is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casebook.vocabulary import RECORD_KIND
from estates.models import Counter, NumberEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from estates.models import Estate

SCOPE_YEAR = re.compile(r":(\d{4})\Z")


@dataclass(frozen=True, slots=True)
class Register:
    """`missing` are sequence numbers that were counted but stand in no entry: there should be none."""

    years: Sequence[str]
    year: str
    entries: Sequence[NumberEntry]
    missing: Sequence[int]


def first_with_numbers(estates: QuerySet[Estate]) -> Estate | None:
    """The first of the estates that has given a case number; failing that, the first."""
    scopes = Counter.objects.filter(scope__startswith=f"{RECORD_KIND}:").values_list("scope", flat=True)
    used = {scope.split(":")[1] for scope in scopes}
    return estates.filter(code__in=used).first() or estates.first()


def number_register(estate: Estate, year: str) -> Register:
    """One estate's numbers of the year, in the order given; an unknown year stands for the latest."""
    scopes = Counter.objects.filter(scope__startswith=f"{RECORD_KIND}:{estate.code}:").order_by("-scope")
    counters = {match[1]: counter for counter in scopes if (match := SCOPE_YEAR.search(counter.scope))}
    years = list(counters)
    if not years:
        return Register([], "", [], [])
    chosen = year if year in counters else years[0]
    entries = list(NumberEntry.objects.filter(scope=counters[chosen].scope).select_related("allotted_by"))
    missing = sorted(set(range(1, counters[chosen].last + 1)) - {entry.sequence for entry in entries})
    return Register(years, chosen, entries, missing)
