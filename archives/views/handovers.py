"""Handovers: when they begin, which homes' files are complete, and what sales still owes."""

from __future__ import annotations

from itertools import islice

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from archives import policies
from archives.handover_watch import MONTH, count_lacking, handovers_for, homes_of, lacking_for
from archives.models import DossierPage, Handover
from archives.register import Reader, access_to
from archives.services.deeds import note_deed
from archives.services.errors import DossierError
from archives.services.handing_over import cancel_handover, plan_handover
from archives.views.acts import day_of
from archives.views.doors import dossier_or_404, mark_of, private, reader_of
from estates.access import reach_of
from estates.models import Building, Estate
from estates.requests import person, whole_number
from estates.work import First
from exchange.spreadsheets import CONTENT_TYPE, Value, workbook
from vault.models.access import Act
from vault.register import note_accesses

SHOWN = 500


@require_http_methods(["GET", "POST"])
@private
def handovers(request: HttpRequest) -> HttpResponseBase:
    """Every handover with how many homes lack something; a POST plans one, or moves its day."""
    user = person(request)
    if not reach_of(user, policies.WATCHING_ROLES):
        raise PermissionDenied(_("交房安排对销售和客服开放。"))
    if request.method == "POST":
        try:
            _plan(request)
        except DossierError as error:
            messages.error(request, str(error))
        return redirect("archives:handovers")
    rows = [(row, homes_of(row).count(), count_lacking(row), row.begins_on - MONTH) for row in handovers_for(user)]
    estates = Estate.objects.filter(reach_of(user, policies.HANDING_OVER_ROLES).q("pk"))
    context = {
        "rows": rows,
        "estates": estates,
        "buildings": Building.objects.filter(estate__in=estates).select_related("estate").order_by("estate", "code"),
        "today": timezone.localdate(),
    }
    return render(request, "archives/handovers.html", context)


def _plan(request: HttpRequest) -> None:
    """The place is an estate's code, or a building's id. Raises DossierError."""
    user, place = person(request), request.POST.get("place", "")
    if cancelled := whole_number(request.POST.get("cancel")):
        cancel_handover(by=user, handover=get_object_or_404(handovers_for(user), pk=cancelled))
        messages.success(request, _("已取消这次交房安排。"))
        return
    building = Building.objects.filter(pk=whole_number(place)).select_related("estate").first()
    estate = building.estate if building else Estate.objects.filter(code=place).first()
    if estate is None:
        raise DossierError(_("请选择楼盘或楼栋。"))
    plan_handover(by=user, estate=estate, building=building, begins_on=day_of(request, "begins_on"))
    messages.success(request, _("已登记交房安排。资料移交期限前两周起会出现在“我的工作”里。"))


@require_http_methods(["GET", "POST"])
@private
def handover(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The homes whose files are not complete, and why; by POST as a sheet for sales."""
    found = get_object_or_404(handovers_for(person(request)), pk=pk)
    if request.method == "POST":
        return _sheet(reader_of(request), found)
    rows = First(list(islice(lacking_for(found), SHOWN)), count_lacking(found))
    dossiers = [row.dossier.pk for row in rows if row.dossier]
    context = {
        "handover": found,
        "rows": rows,
        "homes": homes_of(found).count(),
        "due": found.begins_on - MONTH,
        "visible": set(
            DossierPage.objects.visible_to(person(request)).filter(pk__in=dossiers).values_list("pk", flat=True)
        ),
    }
    return render(request, "archives/handover.html", context)


def _sheet(reader: Reader, found: Handover) -> HttpResponse:
    lacking = list(lacking_for(found))
    columns = [(_("房号"), 16), (_("档案"), 22), (_("缺什么"), 60)]
    rows: list[list[Value]] = [
        [str(row.unit), row.dossier.key if row.dossier else "", "；".join(row.why)] for row in lacking
    ]
    note_accesses(reader.user, [access_to(row.dossier, Act.EXPORTED, reader) for row in lacking if row.dossier])
    response = HttpResponse(workbook(_("移交缺项"), columns, rows, mark=mark_of(reader)), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{found.estate.code}-handover.xlsx"'
    return response


@require_POST
@private
def deed(request: HttpRequest, key: str) -> HttpResponseBase:
    found = dossier_or_404(request, key)
    try:
        waits = note_deed(
            reader=reader_of(request),
            dossier=found,
            on=day_of(request, "deed_on"),
            number=request.POST.get("deed_number", ""),
        )
    except DossierError as error:
        messages.error(request, str(error))
    else:
        told = _("产权证已经登记过：更正已提交，等另一位同事批准。现在的内容没有改。") if waits else _("已登记产权证。")
        messages.success(request, told)
    return redirect(found)
