"""Titles that nobody wrote: made from the description, and following it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from casebook.outgoing import TITLE_LENGTH, without_cut_number
from vault.personal_data import REFUSED, without_personal_data

SENTENCE_ENDS = "。！？；!?;\n"


def is_derived(title: str, description: str) -> bool:
    """Whether nobody wrote the title: it is what the description made it, or is cut off within a number."""
    return not title or title in (title_of(description), _cut(description)) or without_cut_number(title) != title


def title_of(description: str) -> str:
    """The first sentence of a description, cut to a title's length; phone and ID numbers go before it is cut."""
    return _cut(without_personal_data(description, REFUSED))


def _cut(description: str) -> str:
    first = description.strip()
    for end in SENTENCE_ENDS:
        first = first.split(end)[0]
    first = " ".join(first.split())
    if len(first) > TITLE_LENGTH:
        first = first[: TITLE_LENGTH - 1] + "…"
    return first or _("未命名案例")
