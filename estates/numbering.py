"""Numbers that are given once, in order, and never again."""

from __future__ import annotations

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


@transaction.atomic
def allot_number(*, estate: Estate, kind: str, record_date: date, by: User | None) -> str:
    """Give the next record number of estate, kind and year, and enter it in the register."""
    return allot_numbers(estate=estate, kind=kind, record_date=record_date, count=1, by=by)[0]


@transaction.atomic
def allot_numbers(*, estate: Estate, kind: str, record_date: date, count: int, by: User | None) -> list[str]:
    """As `allot_number`, `count` consecutive ones, for records filed together."""
    scope = f"{kind}:{estate.code}:{record_date.year}"
    Counter.objects.get_or_create(scope=scope)
    counter = Counter.objects.select_for_update().get(scope=scope)
    first = counter.last + 1
    counter.last += count
    counter.save(update_fields=["last"])
    numbers = [
        record_number(settings.NUMBER_PATTERN, estate=estate.code, kind=kind, year=record_date.year, sequence=sequence)
        for sequence in range(first, first + count)
    ]
    NumberEntry.objects.bulk_create(NumberEntry(number=n, scope=scope, allotted_by=by) for n in numbers)
    return numbers


@transaction.atomic
def void_number(*, number: str, reason: str, by: User) -> None:
    """Mark a number as given up. It stays in the register with the reason. Raises NumberEntry.DoesNotExist."""
    entry = NumberEntry.objects.select_for_update().get(number=number)
    entry.state = NumberEntry.State.VOID
    entry.reason = reason
    entry.save(update_fields=["state", "reason"])
