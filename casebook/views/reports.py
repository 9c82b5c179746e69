"""The report on what drawings have caused: as it stands now for a project, as it then stood with a pack."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from casebook.desk import Desk
from casebook.drawing_report import DrawingReport, Example, Line, drawing_report, from_stored
from casebook.models import CasePage, CasePhoto, Project
from casebook.sheets import impersonal
from casebook.views.packs import sent_file
from casebook.vocabulary import Category, DrawingCause, label_of
from estates.access import Person
from estates.models import User
from estates.requests import person
from exchange.spreadsheets import CONTENT_TYPE, Value, workbook


@require_safe
def project_report(request: HttpRequest, pk: int) -> HttpResponse:
    """What drawings have caused so far, of the cases that this person may see."""
    user = person(request)
    project = get_object_or_404(Project.objects.visible_to(user).select_related("estate"), pk=pk)
    report = drawing_report(user, project)
    if request.GET.get("format") == "xlsx":
        return _sheet(report)
    return render(request, "casebook/drawing_report.html", _context(report, user) | {"project": project})


@require_safe
def pack_report(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The report that went with the pack."""
    if desk.pack.report is None:
        raise Http404
    report = from_stored(desk.pack.report)
    if request.GET.get("format") == "xlsx" and not desk.is_outside:
        return _sheet(report)
    reader = desk.by if isinstance(desk.by, User) else None
    context = _context(report, reader) | {"project": desk.pack.stage.project, "desk": desk}
    return render(request, "casebook/drawing_report.html", context)


def _context(report: DrawingReport, reader: Person | None) -> dict[str, object]:
    """Examples that the reader may see, with a photo each; for an outside reader without photos, and impersonal."""
    wanted = [one.case_id for line in report.lines for one in line.examples]
    seen = (
        set(CasePage.objects.visible_to(reader).filter(pk__in=wanted).values_list("pk", flat=True)) if reader else None
    )
    photos: dict[int, CasePhoto] = {}
    if seen:
        for row in CasePhoto.objects.filter(page__in=seen).select_related("photo").order_by("page", "-sort_order"):
            photos[row.page_id] = row
    most = max((max(line.years) for line in report.lines), default=0)
    return {
        "report": report,
        "most": most or 1,
        "lines": [
            {
                "line": line,
                "category": label_of(Category, line.category) or _("未分类"),
                "cause": label_of(DrawingCause, line.cause) or _("原因未分类"),
                "per_hundred": report.per_hundred_homes(line.cases),
                "trend": _trend(line),
                "years": list(zip(report.years, line.years, strict=True)),
                "examples": [(_shown(one, seen), photos.get(one.case_id)) for one in line.examples if _may(one, seen)],
            }
            for line in report.lines
        ],
    }


def _may(example: Example, seen: set[int] | None) -> bool:
    return seen is None or example.case_id in seen


def _shown(example: Example, seen: set[int] | None) -> Example:
    if seen is not None:
        return example
    texts = (impersonal(example.title), impersonal(example.problem), impersonal(example.requirement))
    return Example(example.case_id, example.number, *texts)


def _trend(line: Line) -> str:
    return {True: _("上升"), False: _("下降"), None: _("持平")}[line.rising]


def _sheet(report: DrawingReport) -> HttpResponse:
    columns = [
        (_("类别"), 26),
        (_("图纸原因分类"), 18),
        (_("件数"), 8),
        (_("涉及户数"), 10),
        (_("每百户件数"), 12),
        *((str(year), 8) for year in report.years),
        (_("例子"), 40),
        (_("对下一个设计的要求"), 60),
    ]
    rows: list[list[Value]] = []
    for line in report.lines:
        worst = line.examples[0] if line.examples else None
        rows.append(
            [
                label_of(Category, line.category) or _("未分类"),
                label_of(DrawingCause, line.cause) or _("原因未分类"),
                line.cases,
                line.homes,
                report.per_hundred_homes(line.cases),
                *line.years,
                f"{worst.number} {worst.title}" if worst else "",
                worst.requirement if worst else "",
            ]
        )
    return sent_file(workbook(_("图纸原因分析"), columns, rows), CONTENT_TYPE, "drawing-causes.xlsx", inline=False)
