from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from casebook.measures import Line
from casebook.models import CasePage, CasePhoto, PackItem
from casebook.reasons import verdict_word
from casebook.vocabulary import enumeration, word
from media.models import ShownPhoto

register = template.Library()
register.filter("word", word)
register.filter("enumeration", enumeration)
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
DAYS_IN_WORDS = 30


@register.filter
def at(mapping: Mapping[int, object], key: int) -> object:
    return mapping.get(key)


@register.filter
def day(value: date) -> str:
    """2026-11-22 周日"""
    weekday = date_format(value, "D") if get_language() == "en" else WEEKDAYS[value.weekday()]
    return f"{value:%Y-%m-%d} {weekday}"


@register.simple_tag
def age(moment: datetime | None) -> SafeString:
    """An age in words (3 天前), the date on hover."""
    if moment is None:
        return SafeString("")
    local = timezone.localtime(moment)
    days = (timezone.localdate() - local.date()).days
    if days > DAYS_IN_WORDS:
        words = f"{local:%Y-%m-%d}"
    elif days > 0:
        words = ngettext("%(count)d 天前", "%(count)d 天前", days) % {"count": days}
    else:
        words = _("今天 %(time)s") % {"time": f"{local:%H:%M}"}
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), f"{local:%Y-%m-%d %H:%M}", words)


@register.simple_tag
def due(date_due: date) -> SafeString:
    """A due date, said differently once it has passed."""
    late = (timezone.localdate() - date_due).days
    if late > 0:
        words = ngettext("已超期 %(count)d 天", "已超期 %(count)d 天", late) % {"count": late}
        return format_html('<span class="overdue" title="{}">{}</span>', date_due.isoformat(), words)
    return format_html("<span>{}</span>", _("期限 %(day)s") % {"day": day(date_due)})


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
