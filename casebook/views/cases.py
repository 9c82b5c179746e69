"""A case to read, to print, to decide on."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from casebook import after_failure, policies
from casebook.models import CasePage, CaseReview, PinnedCase, Usefulness
from casebook.reviewers import reviewers_in_words
from casebook.services.alerting import see_alerts
from casebook.services.deciding import confirm_case, object_to_case
from casebook.services.errors import CaseError
from casebook.services.following import note_opened, opinions_of
from casebook.services.publishing import note_reading, withdraw_case
from casebook.services.submitting import find_gaps
from casebook.sheets import lesson_sheet
from casebook.similar import similar_to_case
from casebook.vocabulary import State
from estates.filing_plan import record_key
from estates.models import User
from estates.requests import person, whole_number
from running.notes import note_if_possible


@require_safe
def case_page(request: HttpRequest, key: str) -> HttpResponse:
    """The case as this person may see it: its published version, its draft for its editors, or the version in
    review for those who decide on it. Anybody else gets 404."""
    user = person(request)
    row, review = _find(user, key)
    if key != row.key:
        return redirect(row, permanent=True)
    editor = policies.files_for(user, row)
    shown = _shown_version(row, review, editor=editor)
    note_if_possible("that a case was read", partial(_note_read, row, user))
    after_failure.opened(request.session, row)
    waiting = review or (row.reviews.open().with_cases().first() if editor else None)
    alone = waiting is not None and policies.holds_step(user, waiting) and policies.is_author_alone(user, waiting)
    context = {
        "case": row,
        "shown": shown,
        "photos": list(shown.photos.select_related("photo")) if shown is row else list(shown.photos.all()),
        "is_pinned": PinnedCase.objects.filter(user=user, case=row).exists(),
        "opinion": Usefulness.objects.filter(user=user, case=row).values_list("was_useful", flat=True).first(),
        "opinions": opinions_of(row),
        "review": waiting,
        "is_author_alone": alone,
        "who_may": reviewers_in_words(waiting) if waiting and alone else "",
        "may_decide": review is not None,
        "may_edit": policies.may_edit_case(user, row) and not row.workflow_in_progress,
        "may_manage": policies.may_manage_case(user, row),
        "may_void": row.number and not row.live and row.state != State.VOID and not row.workflow_in_progress,
        "steps": row.reviews.order_by("pk").select_related("department", "finished_by") if editor else [],
        "receipts": row.receipts.select_related("user").order_by("read_at") if editor else [],
        "distributions": row.distributions.select_related("department") if editor else [],
        "gaps": list(find_gaps(shown)) if editor and row.state in (State.DRAFT, State.RETURNED) else [],
    }
    return render(request, "casebook/case.html", context)


def _note_read(case: CasePage, user: User) -> None:
    note_reading(case=case, by=user)
    note_opened(by=user, case=case)
    see_alerts(by=user, case=case)


@require_safe
def similar_cases(request: HttpRequest, key: str) -> HttpResponse:
    """A fragment: cases that resemble this one. Asked for by the page once it is read, never in its way."""
    user = person(request)
    row, _review = _find(user, key)
    return render(request, "casebook/similar.html", {"cases": similar_to_case(user, row), "heading": _("相似案例")})


@require_safe
def case_sheet(request: HttpRequest, key: str) -> HttpResponseBase:
    """The one-page lesson sheet as a PDF: problem, cause, lesson, requirement, photos; no unit, no person."""
    user = person(request)
    case = CasePage.objects.visible_to(user).filter(live=True).with_cards().with_key(key)
    if case is None:
        raise Http404
    response = HttpResponse(lesson_sheet(case), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{case.key}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def decide_on_case(request: HttpRequest, key: str) -> HttpResponseBase:
    """Confirm, or object with a reason."""
    user = person(request)
    row, review = _find(user, key)
    if review is None:
        review = row.reviews.filter(pk=whole_number(request.POST.get("review"))).first()
    if review is None:
        raise PermissionDenied
    try:
        if request.POST.get("decision") == "object":
            object_to_case(review=review, by=user, reason=request.POST.get("reason", ""))
            messages.success(request, _("已退回编辑，原因已记录。"))
        else:
            case = confirm_case(review=review, by=user, comment=request.POST.get("reason", ""))
            messages.success(request, _("已确认并发布。") if case.live else _("已确认，转到责任部门。"))
    except CaseError as error:
        messages.error(request, str(error))
    return redirect("my-work") if _gone(user, row) else redirect(row)


@require_POST
def withdraw(request: HttpRequest, key: str) -> HttpResponseBase:
    user = person(request)
    row, _review = _find(user, key)
    try:
        withdraw_case(case=row, by=user, reason=request.POST.get("reason", ""))
        messages.success(request, _("已撤回。修改后可以再次提交。"))
    except CaseError as error:
        messages.error(request, str(error))
    return redirect(row)


def case_or_404(user: User, key: str) -> CasePage:
    return _find(user, key)[0]


def _find(user: User, key: str) -> tuple[CasePage, CaseReview | None]:
    """The case, and the open review that waits for this user. Raises Http404 where neither may be seen."""
    cases = CasePage.objects.visible_to(user).select_related("estate", "unit", "responsible_department")
    row = cases.with_key(key)
    if row and row.live and not row.has_unpublished_changes:
        return row, None
    mine = CaseReview.reviews.to_decide(user).with_cases()
    written = record_key(key)
    review = mine.filter(Q(case__number=written.upper()) | Q(case__slug=written.lower())).first()
    if review:
        return review.case, review
    if row is None:
        raise Http404
    return row, None


def _shown_version(row: CasePage, review: CaseReview | None, *, editor: bool) -> CasePage:
    if review:
        version: CasePage = review.revision.as_object()
        return version
    if editor and not row.live:
        latest: CasePage = row.get_latest_revision_as_object()
        return latest
    return row


def _gone(user: User, row: CasePage) -> bool:
    return not CasePage.objects.visible_to(user).filter(pk=row.pk).exists()
