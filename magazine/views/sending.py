"""A mailing as it goes on: approved, sent, paused, its unknown ends settled; and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from estates.models import User
from estates.requests import person
from magazine import policies
from magazine.audience import readers_of
from magazine.forms import ApproveForm
from magazine.links import LEAVE, WISHES
from magazine.models import Mailing
from magazine.report import report_of
from magazine.services.errors import MagazineError
from magazine.services.preparing import approve_mailing, cancel_mailing, pause_mailing, resume_mailing
from magazine.services.settling import resend_failures, settle_unknown
from magazine.views.reading import mail_page, stored_pdf
from magazine.vocabulary import Choice, MailingState

WAITING = (MailingState.PREPARED, MailingState.APPROVED)


@require_safe
def mailing(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "magazine/mailing.html", _shown(request, _found(request, pk)))


@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that changes while the postman is at it."""
    return render(request, "magazine/progress.html", _shown(request, _found(request, pk)))


def _found(request: HttpRequest, pk: int) -> Mailing:
    rows = Mailing.objects.visible_to(request.user).select_related("issue", "prepared_by", "approved_by")
    return get_object_or_404(rows, pk=pk)


def _shown(request: HttpRequest, row: Mailing) -> dict[str, object]:
    user = person(request)
    approves, is_second = policies.may_approve(user), policies.is_second_person(user, row)
    return {
        "mailing": row,
        "edition": row.editions.first(),
        "report": report_of(row),
        "form": ApproveForm(label_suffix=""),
        "may_make": policies.may_make_issues(user),
        "may_approve": approves and is_second,
        "is_own": approves and not is_second,
        "recipients": readers_of(row).count() if row.state in WAITING and row.issue_id else None,
        "is_moving": row.state in (MailingState.SENDING, MailingState.APPROVED),
    }


@require_safe
def frozen(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail as it will be sent, for whoever approves it."""
    edition = get_object_or_404(_found(request, pk).editions.all()[:1])
    return mail_page(edition.html.replace(LEAVE, "#").replace(WISHES, "#"))


@require_safe
def frozen_pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    return stored_pdf(get_object_or_404(_found(request, pk).editions.exclude(pdf="")))


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponseBase:
    row = _found(request, pk)
    form = ApproveForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["at"][0]))
        return redirect(row)
    try:
        approve_mailing(mailing=row, by=person(request), at=form.cleaned_data["at"])
    except MagazineError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已批准。"))
    return redirect(row)


@dataclass(frozen=True, slots=True)
class _Act:
    do: Callable[[Mailing, User], object]
    said: Callable[[], str]


ACTS = {
    "cancel": _Act(lambda row, by: cancel_mailing(mailing=row, by=by), lambda: _("已取消，一封也没有发出。")),
    "pause": _Act(lambda row, by: pause_mailing(mailing=row, by=by), lambda: _("已暂停。")),
    "resume": _Act(lambda row, by: resume_mailing(mailing=row, by=by), lambda: _("继续发送。")),
    "failures": _Act(lambda row, by: resend_failures(mailing=row, by=by), lambda: _("未送达的重新发送。")),
    "count": _Act(
        lambda row, by: settle_unknown(mailing=row, choice=Choice.COUNT_AS_SENT, by=by),
        lambda: _("结果不明的视为已发出。"),
    ),
    "again": _Act(
        lambda row, by: settle_unknown(mailing=row, choice=Choice.SEND_AGAIN, by=by),
        lambda: _("结果不明的再发一次。"),
    ),
}


@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    if name not in ACTS:
        raise Http404
    row = _found(request, pk)
    try:
        ACTS[name].do(row, person(request))
    except MagazineError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, ACTS[name].said())
    return redirect(row)
