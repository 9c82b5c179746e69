"""Dates and ages as people say them."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

register = template.Library()
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
DAYS_IN_WORDS = 30


@register.filter
def day(value: date | None) -> str:
    """2026-11-22 周日; empty for no day."""
    if not value:
        return ""
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
def due(date_due: date | None) -> SafeString:
    """A due date, said differently once it has passed; empty for none."""
    if not date_due:
        return SafeString("")
    late = (timezone.localdate() - date_due).days
    if late > 0:
        words = ngettext("已超期 %(count)d 天", "已超期 %(count)d 天", late) % {"count": late}
        return format_html('<span class="overdue" title="{}">{}</span>', date_due.isoformat(), words)
    return format_html("<span>{}</span>", _("期限 %(day)s") % {"day": day(date_due)})
