"""The address in a mail by which a saved search ends: whoever holds it may end that one, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core import signing
from django.urls import reverse

if TYPE_CHECKING:
    from casebook.models import SavedSearch

SALT = "casebook.saved-search"


def ending_address(search: SavedSearch) -> str:
    return reverse("casebook:end-saved", args=[signing.dumps(search.pk, salt=SALT)])


def search_named(token: str) -> int:
    """The id of the saved search; 0, which none has, for what nobody signed."""
    try:
        return int(signing.loads(token, salt=SALT))
    except (signing.BadSignature, TypeError, ValueError):
        return 0
