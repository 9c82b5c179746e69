"""Requests of the person: taken in, proved, answered, carried out, on paper."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archives import policies
from archives.life_vocabulary import OPEN_REQUESTS, RequestKind, RequestState
from archives.models import DossierPage, PersonRequest
from archives.person_copy import held_about, person_copy, reply_sheet
from archives.register import note
from archives.services.documents import Incoming, checked_file
from archives.services.errors import DossierError
from archives.services.person_requests import (
    GIVING,
    Asked,
    fulfil_request,
    note_copy,
    prove_request,
    refuse_request,
    take_request,
)
from archives.views.acts import day_of
from archives.views.changing import named_in
from archives.views.documents import uploaded_file
from archives.views.doors import dossier_or_404, pdf_answer, press_button, private, reader_of
from archives.vocabulary import Channel
from estates.access import reach_of
from estates.requests import person
from estates.work import first_of
from exchange.uploads import uploads_in_memory
from vault.models.access import Act

SHOWN = 100


@require_safe
@private
def requests(request: HttpRequest) -> HttpResponseBase:
    """What waits for an answer by its date, and the latest answered."""
    user = person(request)
    reach = reach_of(user, policies.CHANGE_ROLES)
    if not reach:
        raise PermissionDenied(_("个人信息请求由客服、销售和物业受理。"))
    visible = DossierPage.objects.visible_to(user).order_by()
    rows = PersonRequest.objects.filter(reach.q("dossier__estate"), Exists(visible.filter(pk=OuterRef("dossier"))))
    rows = rows.select_related("dossier__estate", "dossier__unit", "taken_by", "answered_by")
    context = {
        "waiting": first_of(rows.filter(state__in=OPEN_REQUESTS).order_by("due_on", "pk"), SHOWN),
        "past": first_of(rows.exclude(state__in=OPEN_REQUESTS).order_by("-answered_at"), SHOWN),
    }
    return render(request, "archives/person_requests.html", context)


def _receivable(request: HttpRequest, key: str) -> DossierPage:
    """The dossier, for those who may take in what its customer brings."""
    found = dossier_or_404(request, key)
    if not policies.may_ask_change(person(request), found):
        raise PermissionDenied(_("个人信息请求由客服、销售和物业受理。"))
    return found


@uploads_in_memory(_receivable)
@require_http_methods(["GET", "POST"])
@private
def take(request: HttpRequest, key: str) -> HttpResponseBase:
    found = _receivable(request, key)
    problem = ""
    if request.method == "POST":
        try:
            made = take_request(
                reader=reader_of(request), dossier=found, asked=_asked(request), authority=_authority(request)
            )
        except DossierError as error:
            problem = str(error)
        else:
            _tell(request, made)
            return redirect("archives:person-request", made.pk)
    context = {
        "dossier": found,
        "kinds": RequestKind.choices,
        "channels": Channel.choices,
        "post": request.POST,
        "named": named_in(request),
        "today": timezone.localdate(),
        "problem": problem,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "archives/person_request_form.html", context, status=status)


def _asked(request: HttpRequest) -> Asked:
    post = request.POST
    return Asked(
        kind=post.get("kind", ""),
        channel=post.get("channel", ""),
        received_on=day_of(request, "received_on"),
        named=named_in(request),
        by_agent=post.get("by_agent") == "yes",
    )


def _authority(request: HttpRequest) -> Incoming | None:
    if not isinstance(request.FILES.get("document"), File):
        return None
    upload = uploaded_file(request)
    return checked_file(upload, upload.name or "")


def _tell(request: HttpRequest, row: PersonRequest) -> None:
    if row.state == RequestState.WEAK:
        messages.warning(request, _("身份核验不足，请求已留存；核验以前不能提供或改动任何内容。"))
    else:
        messages.success(request, _("已受理，答复期限 %(day)s。") % {"day": row.due_on.isoformat()})


@require_http_methods(["GET", "POST"])
@private
def person_request(request: HttpRequest, pk: int) -> HttpResponseBase:
    found = _request_or_404(request, pk)
    if request.method != "POST":
        return _page(request, found)
    if problem := press_button(request, found, ACTS):
        return _page(request, found, problem=problem)
    return redirect("archives:person-request", pk)


def _request_or_404(request: HttpRequest, pk: int) -> PersonRequest:
    row = PersonRequest.objects.select_related("dossier", "taken_by", "answered_by", "authority").filter(pk=pk).first()
    if row is None:
        raise Http404
    row.dossier = dossier_or_404(request, row.dossier.key)
    if not policies.may_ask_change(person(request), row.dossier):
        raise PermissionDenied(_("个人信息请求由客服、销售和物业受理。"))
    return row


def _page(request: HttpRequest, found: PersonRequest, *, problem: str = "") -> HttpResponse:
    user, dossier = person(request), found.dossier
    answers = policies.may_answer_requests(user, dossier)
    context = {
        "row": found,
        "dossier": dossier,
        "reply": found.note(dossier.customer.subject) if answers and dossier.customer.latest else "",
        "ambiguous": found.evidence.get("ambiguous"),
        "compared": found.compared,
        "problem": problem,
        "may_answer": answers and found.state in OPEN_REQUESTS,
        "own": found.taken_by_id == user.pk,
        "gives": found.kind in GIVING,
        "typed": request.POST.get("reply", ""),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "archives/person_request.html", context, status=status)


def _fulfil(request: HttpRequest, found: PersonRequest) -> None:
    fulfil_request(reader=reader_of(request), request=found, reply=request.POST.get("reply", ""))
    messages.success(request, _("已办理，各处的结果记在下面。"))


def _refuse(request: HttpRequest, found: PersonRequest) -> None:
    refuse_request(reader=reader_of(request), request=found, reply=request.POST.get("reply", ""))
    messages.success(request, _("已答复不能办理，原因已留存。"))


def _prove(request: HttpRequest, found: PersonRequest) -> None:
    _tell(request, prove_request(reader=reader_of(request), request=found, named=named_in(request)))


ACTS: dict[str, Callable[[HttpRequest, PersonRequest], None]] = {
    "fulfil": _fulfil,
    "refuse": _refuse,
    "prove": _prove,
}


@require_POST
@private
def copy(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Everything held, on paper for the person who asked; a line of the register."""
    found = _request_or_404(request, pk)
    rows = held_about(found.dossier) if policies.may_answer_requests(person(request), found.dossier) else []
    try:
        note_copy(reader=reader_of(request), request=found, count=len(rows))
    except DossierError as error:
        return _page(request, found, problem=str(error))
    return pdf_answer(person_copy(found, rows), f"{found.dossier.key}-copy-{found.number}")


@require_POST
@private
def reply(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The answer on paper."""
    found = _request_or_404(request, pk)
    if not policies.may_answer_requests(person(request), found.dossier) or found.state in OPEN_REQUESTS:
        raise PermissionDenied(_("答复以后由客服经理或档案管理员打印。"))
    sheet = reply_sheet(found)
    note(reader_of(request), Act.PRINTED, found.dossier)
    return pdf_answer(sheet, f"{found.dossier.key}-reply-{found.number}")
