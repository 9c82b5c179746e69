"""Search results as a sheet, for those who may take them out."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from wagtail.log_actions import log

from casebook import policies
from casebook.asking import query_of
from casebook.models import CasePage
from casebook.vocabulary import word
from estates.models import User
from estates.requests import person
from exchange.spreadsheets import CONTENT_TYPE, Value, workbook
from search import index

MOST_ROWS = 2_000


@require_safe
def export_results(request: HttpRequest) -> HttpResponse:
    """The records that hold everything asked for, up to MOST_ROWS; each export is in the log, with its number of
    rows."""
    user = person(request)
    if not policies.may_export_cases(user):
        raise PermissionDenied(_("导出对客服经理、分管领导和总经理开放。"))
    results = index.search(query_of(user, request.GET, limit=MOST_ROWS))
    hits = results.hits[: results.total]
    cases = CasePage.objects.visible_to(user).select_related("estate", "unit", "responsible_department")
    found = cases.in_bulk([hit.id for hit in hits])
    rows = [found[hit.id] for hit in hits if hit.id in found]
    log(instance=user, action="casebook.export", user=user, data={"rows": len(rows)})
    response = HttpResponse(workbook(_("案例"), _columns(), _rows(rows, user)), content_type=CONTENT_TYPE)
    name = f"cases-{timezone.localdate():%Y%m%d}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _columns() -> list[tuple[str, int]]:
    return [
        (_("案例编号"), 20),
        (_("标题"), 36),
        (_("楼盘"), 12),
        (_("房号"), 14),
        (_("记录日期"), 12),
        (_("责任部门"), 14),
        (_("类别"), 20),
        (_("阶段"), 12),
        (_("状态"), 10),
        (_("问题说明"), 60),
        (_("原因分析"), 40),
        (_("经验教训"), 60),
        (_("对下一个设计的要求"), 60),
    ]


def _rows(cases: list[CasePage], user: User) -> Iterator[list[Value]]:
    for case in cases:
        yield [
            case.number,
            case.title,
            str(case.estate),
            str(case.unit or _("公共部位")),
            case.record_date,
            str(case.responsible_department or ""),
            *(word(case, name) for name in ("category", "stage", "state")),
            case.description,
            case.cause,
            case.lesson,
            case.requirement,
        ]
    yield [_("导出人：%(who)s，%(day)s") % {"who": user, "day": timezone.localdate()}]
