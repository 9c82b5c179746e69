"""Lists: the manager's library by month with what is stuck, and the lessons handed to a reader's departments."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from casebook.models import CasePage, CaseReview, Distribution
from casebook.querysets import CaseQuerySet
from estates.access import reach_of
from estates.departments import departments_of
from estates.models import Estate
from estates.requests import person
from estates.roles import Role

PAGE = 30


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """Each estate of the manager by month, and where its cases are stuck."""
    user = person(request)
    reach = reach_of(user, {Role.MANAGER})
    if not reach:
        raise PermissionDenied(_("案例库总览只对客服经理开放。"))
    estates = Estate.objects.filter(reach.q("pk"))
    visible = CasePage.objects.visible_to(user).filter(estate__in=estates)
    estate = estates.filter(code=request.GET.get("estate", "")).first() or _busiest(visible) or estates.first()
    cases = visible.filter(estate=estate)
    months = cases.values("record_date__year", "record_date__month").annotate(count=Count("pk"))
    context = {
        "estates": estates,
        "estate": estate,
        "months": months.order_by("-record_date__year", "-record_date__month"),
        "stuck": cases.stuck().select_related("estate", "unit", "owner").order_by("latest_revision_created_at"),
        "reviews": {r.case_id: r for r in CaseReview.reviews.open().with_cases().filter(estate=estate)},
    }
    return render(request, "casebook/library.html", context)


def _busiest(cases: CaseQuerySet) -> Estate | None:
    """The estate with the most cases that wait for somebody."""
    counted = cases.stuck().values("estate").annotate(waiting=Count("pk")).order_by("-waiting", "estate")
    first = counted.first()
    return Estate.objects.get(pk=first["estate"]) if first else None


@require_safe
def new_lessons(request: HttpRequest) -> HttpResponse:
    """Lessons handed to the reader's departments, the unread ones first; opening one is the receipt."""
    user = person(request)
    handed = Distribution.objects.for_reader(user).select_related("department")
    unread = handed.unread_by(user)
    page = Paginator(handed, PAGE).get_page(request.GET.get("page"))
    cases = CasePage.objects.visible_to(user).with_cards().in_bulk([d.case_id for d in page])
    context = {
        "page": page,
        "rows": [(d, cases[d.case_id]) for d in page if d.case_id in cases],
        "unread": set(unread.values_list("case_id", flat=True)),
        "departments": departments_of(user),
    }
    return render(request, "casebook/lessons.html", context)
