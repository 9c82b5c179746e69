"""The dashboard of use: does the lesson reach the drawing?"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from casebook.measures import SHARE, measures, years_of
from casebook.models import CasePage
from casebook.policies import may_see_measures
from estates.requests import person, whole_number

PERCENT = Decimal(100)


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if not may_see_measures(user):
        raise PermissionDenied(_("经验使用情况对客服经理、领导和审计开放。"))
    years = years_of(user)
    year = whole_number(request.GET.get("year"))
    found = measures(user, year=year if year in years else None, share=_share(request.GET.get("share", "")))
    ids = [line.case_id for line in found.by_lesson]
    context = {
        "m": found,
        "years": years,
        "year": year if year in years else None,
        "share": int(found.estimate.share * PERCENT),
        "cases": CasePage.objects.visible_to(user).in_bulk(ids),
    }
    return render(request, "casebook/measures.html", context)


def _share(text: str) -> Decimal:
    """A percentage as typed; the usual one for anything else."""
    try:
        typed = Decimal(text) / PERCENT
    except InvalidOperation:
        return SHARE
    return typed if 0 <= typed <= 1 else SHARE
