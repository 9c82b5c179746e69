"""What of a case's words may be shown to anybody but those who edit it. Every text that leaves passes here once."""

from __future__ import annotations

from text.cleaning import clean
from text.folding import fold_with_origin
from text.numbers import cut_number
from vault.personal_data import REFUSED, REPLACEMENT, without_personal_data

TITLE_LENGTH = 40
ELLIPSIS = "…"


def outgoing(text: str) -> str:
    """Cleaned, without phone and ID numbers, nor the beginning of one at the end of a title that was cut there."""
    return without_cut_number(without_personal_data(clean(text), REFUSED))


def without_cut_number(text: str) -> str:
    if not (text.endswith(ELLIPSIS) or len(text) in (TITLE_LENGTH - 1, TITLE_LENGTH)):
        return text
    folded = fold_with_origin(text)
    found = cut_number(folded.text)
    if found is None:
        return text
    start, end = folded.span(found.start, found.end)
    return f"{text[:start]}{REPLACEMENT}{text[end:]}"
