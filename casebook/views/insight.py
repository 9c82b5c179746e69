"""What customers speak of more than a year ago."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from casebook.policies import may_see_measures
from casebook.rising_words import rising_words
from casebook.vocabulary import Category
from estates.models import Estate
from estates.requests import person, written_day

BAR, WIDE = 26, 320
MONTHS = 24
LABEL = 90


@require_safe
def rising(request: HttpRequest) -> HttpResponse:
    """The words that rise this month, of one estate and one category or of all, as a chart with its table."""
    user = person(request)
    if not may_see_measures(user):
        raise PermissionDenied(_("用词变化对客服经理、领导和审计开放。"))
    estates = list(Estate.objects.visible_to(user))
    asked, codes = request.GET, {one.code for one in estates}
    estate = asked.get("estate", "") if asked.get("estate", "") in codes else ""
    category = asked.get("category", "") if asked.get("category", "") in Category.values else ""
    found = rising_words(user, _month(asked.get("month", "")), estate=estate, category=category)
    context = {
        "found": found,
        "months": _months(),
        "before": found.month.replace(year=found.month.year - 1),
        "estates": estates,
        "estate": estate,
        "categories": Category.choices,
        "category": category,
        "bars": _bars([(one.word, one.share_now, one.share_before) for one in found.words]),
        "height": BAR * len(found.words),
    }
    return render(request, "casebook/rising.html", context)


def _month(text: str) -> date:
    """The first day of a month written as `2026-11`; of this month for anything else."""
    today = timezone.localdate().replace(day=1)
    day = written_day(f"{text}-01")
    return day if day and date.min.year < day.year <= today.year else today


def _months() -> list[date]:
    """The last two years, this month first."""
    today = timezone.localdate()
    whole = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(whole, whole - MONTHS, -1)]


def _bars(rows: list[tuple[str, float, float]]) -> list[dict[str, object]]:
    most = max((max(now, before) for _word, now, before in rows), default=1) or 1
    room = WIDE - LABEL
    return [
        {
            "label": word,
            "text": BAR * place + 14,
            "top": BAR * place + 2,
            "below": BAR * place + 13,
            "now": round(room * now / most, 1),
            "before": round(room * before / most, 1),
        }
        for place, (word, now, before) in enumerate(rows)
    ]
