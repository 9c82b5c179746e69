"""The monthly list of what is missing, per estate: what, for whom, how to close it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from archives.gates import Gap, find_gaps_of
from archives.models import DossierPage
from archives.querysets import DossierQuerySet
from archives.register import Reader, access_to
from archives.views.doors import mark_of, private, reader_of
from archives.vocabulary import SETTLED_STATES, Gate
from estates.access import reach_of
from estates.filing_plan import month_of
from estates.models import Estate, User
from estates.requests import person
from estates.roles import CUSTOMER_SERVICE
from estates.work import parts_of
from exchange.spreadsheets import CONTENT_TYPE, Value, workbook
from vault.models.access import Act
from vault.register import note_accesses

PAGE, PART = 100, 500


@dataclass(frozen=True, slots=True)
class Line:
    dossier: DossierPage
    gaps: list[Gap]


@require_http_methods(["GET", "POST"])
@private
def gaps(request: HttpRequest) -> HttpResponseBase:
    """Unfiled dossiers of an estate, of one month or all, page by page with their gaps; by POST all of them as a
    sheet."""
    user = person(request)
    estates = Estate.objects.filter(reach_of(user, CUSTOMER_SERVICE).q("pk"))
    if not estates:
        raise PermissionDenied(_("缺项清单由客服和档案管理员查看。"))
    asked = request.POST if request.method == "POST" else request.GET
    estate = estates.filter(code=asked.get("estate", "")).first() or _first_with_gaps(user, estates)
    unfiled = _unfiled(user, estate)
    months = [month_of(day) for day in unfiled.order_by().dates("record_date", "month", order="DESC")]
    month = asked.get("month", "") if asked.get("month", "") in months else ""
    chosen = unfiled.filter(record_date__year=month[:4], record_date__month=month[5:]) if month else unfiled
    if request.method == "POST":
        return _sheet(reader_of(request), estate, chosen)
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    context = {"estates": estates, "estate": estate, "months": months, "month": month, "page": page}
    return render(request, "archives/gaps.html", context | {"lines": lines_of(list(page))})


def lines_of(dossiers: list[DossierPage]) -> list[Line]:
    return [Line(row, found) for row, found in zip(dossiers, find_gaps_of(dossiers), strict=True)]


def _first_with_gaps(user: User, estates: QuerySet[Estate]) -> Estate:
    visible = DossierPage.objects.visible_to(user).filter(estate__in=estates)
    row = visible.exclude(state__in=SETTLED_STATES).order_by("record_date").first()
    return row.estate if row else estates[0]


def _unfiled(user: User, estate: Estate) -> DossierQuerySet:
    visible = DossierPage.objects.visible_to(user).filter(estate=estate)
    return visible.exclude(state__in=SETTLED_STATES).with_rows().order_by("record_date", "pk")


def _sheet(reader: Reader, estate: Estate, chosen: DossierQuerySet) -> HttpResponse:
    columns = [
        (_("房号"), 16),
        (_("记录日期"), 12),
        (_("关口"), 20),
        (_("缺什么"), 40),
        (_("由谁补齐"), 12),
        (_("怎样补齐"), 44),
    ]
    sheet = workbook(_("档案缺项"), columns, _rows(reader, chosen), mark=mark_of(reader))
    response = HttpResponse(sheet, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{estate.code}-gaps.xlsx"'
    return response


def _rows(reader: Reader, chosen: DossierQuerySet) -> Iterator[list[Value]]:
    """All of them, read and noted some at a time."""
    for part in parts_of(chosen.iterator(chunk_size=PART), PART):
        for line in lines_of(part):
            for gap in line.gaps:
                gate = str(Gate(gap.gate).label)
                yield [str(line.dossier.unit), line.dossier.record_date, gate, gap.what, gap.duty, gap.fix]
        note_accesses(reader.user, [access_to(dossier, Act.EXPORTED, reader) for dossier in part])
