"""Leaks: opened, whom they touched, letters, training, closed."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from archives import policies
from archives.incident_report import letters, sheets_touched, touched_by
from archives.models import Incident
from archives.services.errors import DossierError
from archives.services.incidents import Report, close_incident, draft_letters, open_incident
from archives.views.doors import pdf_answer, private, reader_of
from estates.access import Reach
from estates.models import User
from estates.requests import person, whole_number, written_day, written_moment


def _reach(request: HttpRequest) -> Reach:
    reach = policies.may_handle_incidents(person(request))
    if not reach:
        raise PermissionDenied(_("个人信息安全事件由客服经理和档案管理员处理。"))
    return reach


@require_http_methods(["GET", "POST"])
@private
def incidents(request: HttpRequest) -> HttpResponseBase:
    """Every incident; a POST opens one."""
    _reach(request)
    problem = ""
    if request.method == "POST":
        try:
            made = open_incident(by=person(request), report=_report(request))
        except DossierError as error:
            problem = str(error)
        else:
            return redirect("archives:incident", made.pk)
    context = {
        "rows": Incident.objects.select_related("account", "opened_by"),
        "accounts": User.objects.filter(is_active=True).order_by("display_name"),
        "post": request.POST,
        "problem": problem,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "archives/incidents.html", context, status=status)


def _report(request: HttpRequest) -> Report:
    post = request.POST
    return Report(
        what=post.get("what", ""),
        since=_moment(post.get("since", "")),
        until=_moment(post.get("until", "")),
        account=User.objects.filter(pk=whole_number(post.get("account"))).first(),
        measures=post.get("measures", ""),
    )


def _moment(text: str) -> datetime:
    moment = written_moment(text)
    if moment is None:
        raise DossierError(_("请写明从什么时候到什么时候。"))
    return moment


@require_http_methods(["GET", "POST"])
@private
def incident(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One incident with those whom it touched; a POST closes it."""
    reach = _reach(request)
    found = get_object_or_404(Incident.objects.select_related("account", "opened_by", "closed_by"), pk=pk)
    problem = ""
    if request.method == "POST":
        try:
            close_incident(
                by=person(request),
                incident=found,
                trained_on=written_day(request.POST.get("trained_on")),
                training=request.POST.get("training", ""),
            )
        except DossierError as error:
            problem = str(error)
        else:
            messages.success(request, _("事件处理完毕，记录已保存。"))
            return redirect("archives:incident", pk)
    written = dict(found.letters.values_list("dossier", "drafted_at"))
    touched = touched_by(found, reach)
    context = {
        "incident": found,
        "rows": [(one, written.get(one.dossier.pk)) for one in touched],
        "in_clear": sum(one.in_clear for one in touched),
        "sheets": sheets_touched(found),
        "problem": problem,
        "post": request.POST,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "archives/incident.html", context, status=status)


@require_POST
@private
def draft(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Letters for the chosen, one PDF."""
    _reach(request)
    found = get_object_or_404(Incident, pk=pk)
    wanted = {whole_number(text) for text in request.POST.getlist("dossier")}
    try:
        touched = draft_letters(reader=reader_of(request), incident=found, wanted=wanted)
    except DossierError as error:
        messages.error(request, str(error))
        return redirect("archives:incident", pk)
    return pdf_answer(letters(found, [one.dossier for one in touched]), f"incident-{found.pk}-letters")
