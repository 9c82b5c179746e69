from __future__ import annotations

from collections.abc import Sequence

from django import template

from casebook.measures import Line
from casebook.models import CasePage, CasePhoto, PackItem
from casebook.outgoing import outgoing
from casebook.reasons import verdict_word
from casebook.vocabulary import word
from estates.templatetags import dates, lookups
from estates.wording import enumeration
from media.models import ShownPhoto

register = template.Library()
register.filter("word", word)
register.filter("outgoing", outgoing)
register.filter("enumeration", enumeration)
register.filters |= dates.register.filters | lookups.register.filters
register.tags |= dates.register.tags


@register.simple_tag
def shot(row: CasePhoto | None, size: str) -> ShownPhoto | None:
    """The rendition of a case's photo in one of media's sizes."""
    return row.photo.sized(size) if row else None


@register.filter
def first_photo(case: CasePage) -> CasePhoto | None:
    """The first photo in order, from what is prefetched."""
    return next(iter(case.photos.all()), None)


@register.simple_tag
def verdict(item: PackItem, code: str) -> str:
    """The word of a verdict on that item."""
    return verdict_word(item, code)


@register.filter
def percent(share: float | None) -> str:
    """A share as a whole percentage; a dash where there is nothing to share."""
    return "—" if share is None else f"{share:.0%}"


BAR_WIDTH, BAR_ROW, LABEL_LENGTH, MOST_BARS = 320, 40, 22, 8


@register.inclusion_tag("casebook/bars.html")
def bars(lines: Sequence[Line]) -> dict[str, object]:
    """A bar chart of the first lines; the table beside it has the figures."""
    drawn = lines[:MOST_BARS]
    most = max((line.shown for line in drawn), default=0) or 1
    rows = [
        {
            "label": line.label if len(line.label) <= LABEL_LENGTH else f"{line.label[:LABEL_LENGTH]}…",
            "text": BAR_ROW * place + 12,
            "top": BAR_ROW * place + 17,
            "below": BAR_ROW * place + 29,
            "shown": round(BAR_WIDTH * line.shown / most, 1),
            "avoided": round(BAR_WIDTH * line.avoided / most, 1),
            "recurred": round(min(BAR_WIDTH * line.recurred / most, BAR_WIDTH), 1),
        }
        for place, line in enumerate(drawn)
    ]
    return {"bars": rows, "height": BAR_ROW * len(drawn) or 1}
