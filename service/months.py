"""Records of a month, as the magazine asks for them."""

from __future__ import annotations

from django.db.models import Q


def within(month: str) -> Q:
    """Rows whose `day` lies in the month, written as 2026-11."""
    year, number = month.split("-")
    return Q(day__year=int(year), day__month=int(number))
