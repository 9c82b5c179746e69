from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from estates.models import User


def person(request: HttpRequest) -> User:
    """The signed-in user of the request. Raises PermissionDenied for nobody."""
    if isinstance(request.user, User):
        return request.user
    raise PermissionDenied
