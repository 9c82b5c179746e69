"""The monthly list of what is missing, per estate: what, for whom, how to close it."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from archives.gates import Gap, find_gaps
from archives.models import DossierPage
from archives.register import Reader, access_to
from archives.template import gate_rules
from archives.views.doors import mark_of, private, reader_of
from archives.vocabulary import SETTLED_STATES, Gate
from estates.access import reach_of
from estates.filing_plan import month_of
from estates.models import Estate, User
from estates.requests import person
from estates.roles import CUSTOMER_SERVICE
from exchange.spreadsheets import CONTENT_TYPE, Value, workbook
from vault.models.access import Act
from vault.register import note_accesses

MOST = 500


@dataclass(frozen=True, slots=True)
class Line:
    dossier: DossierPage
    gaps: list[Gap]


@require_http_methods(["GET", "POST"])
@private
def gaps(request: HttpRequest) -> HttpResponseBase:
    """Unfiled dossiers of an estate, of one month or all, with their gaps; by POST as a sheet."""
    user = person(request)
    estates = Estate.objects.filter(reach_of(user, CUSTOMER_SERVICE).q("pk"))
    if not estates:
        raise PermissionDenied(_("缺项清单由客服和档案管理员查看。"))
    asked = request.POST if request.method == "POST" else request.GET
    estate = estates.filter(code=asked.get("estate", "")).first() or _first_with_gaps(user, estates)
    unfiled = _unfiled(user, estate)
    months = sorted({month_of(day) for day in unfiled.values_list("record_date", flat=True)}, reverse=True)
    month = asked.get("month", "") if asked.get("month", "") in months else ""
    chosen = [row for row in unfiled if not month or month_of(row.record_date) == month][:MOST]
    rules = gate_rules()
    lines = [Line(row, find_gaps(row, rules=rules)) for row in chosen]
    if request.method == "POST":
        return _sheet(reader_of(request), estate, lines)
    context = {"estates": estates, "estate": estate, "months": months, "month": month, "lines": lines, "most": MOST}
    return render(request, "archives/gaps.html", context)


def _first_with_gaps(user: User, estates: QuerySet[Estate]) -> Estate:
    visible = DossierPage.objects.visible_to(user).filter(estate__in=estates)
    row = visible.exclude(state__in=SETTLED_STATES).order_by("record_date").first()
    return row.estate if row else estates[0]


def _unfiled(user: User, estate: Estate) -> QuerySet[DossierPage]:
    visible = DossierPage.objects.visible_to(user).filter(estate=estate)
    return visible.exclude(state__in=SETTLED_STATES).with_rows().order_by("record_date", "pk")


def _sheet(reader: Reader, estate: Estate, lines: list[Line]) -> HttpResponse:
    columns = [
        (_("房号"), 16),
        (_("记录日期"), 12),
        (_("关口"), 20),
        (_("缺什么"), 40),
        (_("由谁补齐"), 12),
        (_("怎样补齐"), 44),
    ]
    rows: list[list[Value]] = [
        [str(line.dossier.unit), line.dossier.record_date, str(Gate(gap.gate).label), gap.what, gap.duty, gap.fix]
        for line in lines
        for gap in line.gaps
    ]
    note_accesses(reader.user, [access_to(line.dossier, Act.EXPORTED, reader) for line in lines])
    response = HttpResponse(workbook(_("档案缺项"), columns, rows, mark=mark_of(reader)), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{estate.code}-gaps.xlsx"'
    return response
