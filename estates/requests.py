from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

from estates.models import User


def person(request: HttpRequest) -> User:
    """The signed-in user of the request. Raises PermissionDenied for nobody."""
    if isinstance(request.user, User):
        return request.user
    raise PermissionDenied


YEARS = range(1900, 2200)
"""Days beyond them are slips of the hand, and cannot be counted with in every time zone."""


def written_day(text: str | None) -> date | None:
    """The day of an address or a form, as `2026-11-23`; None for anything else."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day.year in YEARS else None


def written_moment(text: str | None) -> datetime | None:
    """The moment of a form, as `2026-11-23T08:30`, in the site's zone; None for anything else."""
    try:
        moment = datetime.fromisoformat(text or "").replace(tzinfo=None)
    except ValueError:
        return None
    return timezone.make_aware(moment) if moment.year in YEARS else None


LONGEST_NUMBER = 15


def came_from(request: HttpRequest) -> str:
    """The network address that the request came from, as the server saw it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def whole_number(text: str | None) -> int:
    """A row's id as an address or a form gives it; 0, which no row has, for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else 0
