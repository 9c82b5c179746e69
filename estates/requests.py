from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from estates.models import User


def person(request: HttpRequest) -> User:
    """The signed-in user of the request. Raises PermissionDenied for nobody."""
    if isinstance(request.user, User):
        return request.user
    raise PermissionDenied


LONGEST_NUMBER = 15


def came_from(request: HttpRequest) -> str:
    """The network address that the request came from, as the server saw it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def whole_number(text: str | None) -> int:
    """A row's id as an address or a form gives it; 0, which no row has, for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else 0
