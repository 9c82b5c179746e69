"""Small words that every room writes alike."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _


def enumeration(words: Iterable[object]) -> str:
    """One after the other, as the language of the request separates them."""
    return _("、").join(str(one) for one in words)
