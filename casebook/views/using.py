"""What became of a lesson: where it was used, whether it recurred, which standard took it over."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from casebook import policies
from casebook.lesson_scores import LessonScore, last_rounds, lessons_due, lessons_opened_again, scores_of
from casebook.models import CasePage, PackItem, Recurrence
from casebook.services.adopting import adopt_lesson, adoptable_by, latest_adoptions
from casebook.services.errors import CaseError
from casebook.services.recurring import (
    deny_recurrence,
    is_asked_about,
    link_recurrence,
    proposals_for,
    review_lesson,
    unlink_recurrence,
)
from casebook.views.cases import case_or_404
from casebook.vocabulary import Outcome, Settlement
from estates.access import reach_of
from estates.requests import person, whole_number
from estates.roles import Role

LISTED = 50


@require_safe
def use_of_case(request: HttpRequest, key: str) -> HttpResponse:
    """A fragment, asked for by the case's page once it is read."""
    user = person(request)
    case = case_or_404(user, key)
    files = policies.files_for(user, case)
    uses = (
        PackItem.objects.visible_to(user)
        .filter(last_rounds(), case=case)
        .select_related("pack__stage__project__estate")
    )
    asked = files and is_asked_about(case)
    opened = lessons_opened_again(user).filter(pk=case.pk).first() if files else None
    context = {
        "case": case,
        "score": scores_of([case.pk]).get(case.pk, LessonScore()),
        "uses": uses.order_by("-pack__handed_over_at")[:LISTED],
        "asked": asked,
        "proposals": proposals_for(user, case) if asked else [],
        "linked": Recurrence.objects.filter(case=case).select_related("item__pack__stage__project", "linked_by")
        if files
        else [],
        "recurrences": Recurrence.objects.filter(item__case=case, case__in=CasePage.objects.visible_to(user))
        .select_related("case", "item__pack__stage__project")
        .order_by("-linked_at"),
        "opened": opened,
        "may_review": policies.may_manage_case(user, case) and case.live,
        "settlements": Settlement,
        "adoptions": latest_adoptions(case),
        "departments": adoptable_by(user, case) if case.live else [],
        "outcomes": Outcome,
    }
    return render(request, "casebook/use.html", context)


@require_POST
def recurrence(request: HttpRequest, key: str) -> HttpResponseBase:
    """Link the case to the item that should have prevented it, undo that, or say that none is it."""
    user = person(request)
    case = case_or_404(user, key)
    act = request.POST.get("action")
    if act == "link":
        items = PackItem.objects.visible_to(user)
        item = get_object_or_404(items, pk=whole_number(request.POST.get("item")))
        return _done(
            request, case, lambda: link_recurrence(by=user, case=case, item=item), _("已关联，经验已重新打开。")
        )
    if act == "unlink":
        row = get_object_or_404(Recurrence, case=case, pk=whole_number(request.POST.get("recurrence")))
        return _done(request, case, lambda: unlink_recurrence(by=user, recurrence=row), _("已取消关联。"))
    if act == "none":
        return _done(request, case, lambda: deny_recurrence(by=user, case=case), _("已记下：不是复发。"))
    raise Http404


@require_POST
def adopt(request: HttpRequest, key: str) -> HttpResponseBase:
    user = person(request)
    case = case_or_404(user, key)
    chosen = whole_number(request.POST.get("department"))
    department = next((d for d in adoptable_by(user, case) if d.pk == chosen), None)
    if department is None:
        raise PermissionDenied

    def act() -> None:
        adopt_lesson(
            by=user,
            case=case,
            department=department,
            outcome=request.POST.get("outcome", ""),
            standard_number=request.POST.get("standard_number", ""),
            note=request.POST.get("note", ""),
        )

    return _done(request, case, act, _("已记录。"))


@require_POST
def settle(request: HttpRequest, key: str) -> HttpResponseBase:
    user = person(request)
    case = case_or_404(user, key)
    settlement, note = request.POST.get("settlement", ""), request.POST.get("note", "")
    return _done(
        request,
        case,
        lambda: review_lesson(by=user, case=case, settlement=settlement, note=note),
        _("已记录复核结果。"),
    )


def _done(request: HttpRequest, case: CasePage, act: Callable[[], object], said: str) -> HttpResponseBase:
    try:
        act()
        messages.success(request, said)
    except CaseError as error:
        messages.error(request, str(error))
    return redirect(f"{case.get_absolute_url()}#use")


@require_safe
def lessons_to_review(request: HttpRequest) -> HttpResponse:
    """Lessons that recurred, those to be reworded first; and those that grew old."""
    user = person(request)
    if not reach_of(user, {Role.MANAGER}):
        raise PermissionDenied(_("经验复核由客服经理办理。"))
    again, old = lessons_opened_again(user), lessons_due(user)
    context = {
        "again": again.select_related("estate")[:LISTED],
        "old": old.select_related("estate")[:LISTED],
        "old_count": old.count(),
        "listed": LISTED,
    }
    return render(request, "casebook/to_review.html", context)
