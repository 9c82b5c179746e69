"""Numbers that are given once, in order, and never again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import transaction

from estates.filing_plan import record_number
from estates.models import Counter, Estate, NumberEntry, User


@transaction.atomic
def next_in(scope: str) -> int:
    """The next sequence number of a scope. The counter row stays locked until the transaction ends."""
    Counter.objects.get_or_create(scope=scope)
    counter = Counter.objects.select_for_update().get(scope=scope)
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last


@dataclass(frozen=True, slots=True)
class Series:
    """Record numbers are counted per kind, estate and year."""

    estate: str
    kind: str
    year: int

    @property
    def scope(self) -> str:
        return f"{self.kind}:{self.estate}:{self.year}"

    def number(self, sequence: int) -> str:
        pattern = settings.NUMBER_PATTERN
        return record_number(pattern, estate=self.estate, kind=self.kind, year=self.year, sequence=sequence)


def allot_number(*, estate: Estate, kind: str, record_date: date, by: User | None) -> str:
    """Give the next record number of estate, kind and year, and enter it in the register."""
    series = Series(estate.code, kind, record_date.year)
    return allot_numbers({series: 1}, by=by)[series][0]


@transaction.atomic
def allot_numbers(wanted: Mapping[Series, int], *, by: User | None) -> dict[Series, list[str]]:
    """As `allot_number`, so many consecutive ones in each series, for records filed together."""
    scopes = [series.scope for series in wanted]
    Counter.objects.bulk_create([Counter(scope=scope) for scope in scopes], ignore_conflicts=True)
    locked = Counter.objects.select_for_update().order_by("scope").filter(scope__in=scopes)
    counters = {counter.scope: counter for counter in locked}
    given: dict[Series, list[str]] = {}
    entries = []
    for series, count in wanted.items():
        counter = counters[series.scope]
        numbers = {s: series.number(s) for s in range(counter.last + 1, counter.last + count + 1)}
        entries += [
            NumberEntry(number=number, scope=series.scope, sequence=sequence, allotted_by=by)
            for sequence, number in numbers.items()
        ]
        counter.last += count
        given[series] = list(numbers.values())
    Counter.objects.bulk_update(counters.values(), ["last"])
    NumberEntry.objects.bulk_create(entries)
    return given


@transaction.atomic
def void_number(*, number: str, reason: str, by: User) -> None:
    """Mark a number as given up. It stays in the register with the reason. Raises NumberEntry.DoesNotExist."""
    entry = NumberEntry.objects.select_for_update().get(number=number)
    entry.state = NumberEntry.State.VOID
    entry.reason = reason
    entry.save(update_fields=["state", "reason"])
