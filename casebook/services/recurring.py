"""A new case that a review should have prevented is linked to its item; that opens the item's lesson again."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from casebook import policies
from casebook.lesson_scores import last_rounds
from casebook.models import CasePage, LessonReview, NoRecurrence, PackItem, Recurrence, ReviewPack
from casebook.recurrence import Reviewed, propose
from casebook.services.errors import CaseError
from casebook.services.wording import impersonal_words
from casebook.vocabulary import PackState, Settlement, State
from casebook.word_table import parts_named
from estates.access import either, reach_of
from estates.models import User
from estates.roles import Role


@dataclass(frozen=True, slots=True)
class ItemProposal:
    """An item that may have been meant to prevent a new case, and the words that both have."""

    item: PackItem
    shared: tuple[str, ...]


def proposals_for(user: User, case: CasePage) -> list[ItemProposal]:
    """The items of reviews on the case's estate, of those the user may see, that its text resembles most."""
    items = {item.pk: item for item in _reviewed_before(user, case)}
    parts = parts_named(case.components, case.title, case.description)
    found = propose(f"{case.title}\n{case.description}", parts, [_as_reviewed(item) for item in items.values()])
    return [ItemProposal(items[one.id], one.shared) for one in found]


def is_asked_about(case: CasePage) -> bool:
    """Nobody has said yet whether the case is a recurrence."""
    return not (
        case.is_positive
        or case.state in (State.VOID, State.WITHDRAWN)
        or Recurrence.objects.filter(case=case).exists()
        or NoRecurrence.objects.filter(case=case).exists()
    )


def cases_to_compare(user: User) -> QuerySet[CasePage]:
    """Published cases that nobody has compared with the reviews that went before them, of the estates that the user
    manages; the latest first."""
    packs = ReviewPack.objects.visible_to(user).exclude(handed_over_at=None).order_by()
    first = packs.values_list("stage__project__estate").annotate(first=Min("handed_over_at"))
    since = either(Q(estate=estate, first_published_at__gte=day) for estate, day in first)
    managed = CasePage.objects.visible_to(user).live().filter(reach_of(user, {Role.MANAGER}).q("estate"))
    unasked = managed.filter(since, is_positive=False, recurs__isnull=True, no_recurrence__isnull=True)
    return unasked.order_by("-first_published_at")


@transaction.atomic
def link_recurrence(*, by: User, case: CasePage, item: PackItem) -> Recurrence:
    """The trouble of the item happened again: `case` shows it. Raises PermissionDenied, CaseError."""
    held = PackItem.objects.select_for_update().select_related("pack__stage__project", "case").get(pk=item.pk)
    _refuse_others(by, case)
    if not PackItem.objects.visible_to(by).filter(pk=held.pk).exists():
        raise PermissionDenied
    if held.pack.state == PackState.PREPARED or held.pack.stage.project.estate_id != case.estate_id:
        raise CaseError(_("只能关联本楼盘审查过的条目。"))
    if held.case_id == case.pk:
        raise CaseError(_("案例不能是它自己的复发。"))
    if Recurrence.objects.filter(item=held, case=case).exists():
        raise CaseError(_("已经关联过这一条。"))
    NoRecurrence.objects.filter(case=case).delete()
    linked = Recurrence.objects.create(item=held, case=case, verdict=held.verdict, linked_by=by)
    log(held.case, "casebook.recurrence", user=by, data={"item": held.pk, "case": str(case.number or "")})
    return linked


@transaction.atomic
def unlink_recurrence(*, by: User, recurrence: Recurrence) -> None:
    """Undo a link. Raises PermissionDenied."""
    _refuse_others(by, recurrence.case)
    log(recurrence.item.case, "casebook.recurrence_undone", user=by, data={"item": recurrence.item_id})
    recurrence.delete()


@transaction.atomic
def deny_recurrence(*, by: User, case: CasePage) -> None:
    """None of the proposals is it: they are not shown again. Raises PermissionDenied, CaseError."""
    _refuse_others(by, case)
    if Recurrence.objects.filter(case=case).exists():
        raise CaseError(_("这份案例已关联为复发，请先取消关联。"))
    NoRecurrence.objects.get_or_create(case=case, defaults={"decided_by": by})


@transaction.atomic
def review_lesson(*, by: User, case: CasePage, settlement: str, note: str) -> LessonReview:
    """Settle a lesson that recurred or grew old: it holds as it is, and why; or it was written anew and published.

    Raises PermissionDenied, CaseError.
    """
    row = CasePage.objects.select_for_update().get(pk=case.pk)
    if not policies.may_manage_case(by, row):
        raise PermissionDenied
    note = impersonal_words(note, 300)
    if settlement not in Settlement:
        raise CaseError(_("请选择：仍然有效，或已改写。"))
    if settlement == Settlement.STILL_VALID and not note:
        raise CaseError(_("请写明为什么仍然有效。"))
    if settlement == Settlement.REWORDED and not _was_reworded(row):
        raise CaseError(_("还没有发布新的版本。请先编辑经验，审核发布后再确认“已改写”。"))
    made = LessonReview.objects.create(case=row, settlement=settlement, note=note, reviewed_by=by)
    log(row, "casebook.lesson_reviewed", user=by, data={"settlement": settlement})
    return made


def _was_reworded(case: CasePage) -> bool:
    """Published since the trouble was last linked; without one, since the lesson was last reviewed."""
    since = (
        Recurrence.objects.filter(item__case=case).order_by("-linked_at").values_list("linked_at", flat=True).first()
        or case.lesson_reviews.values_list("reviewed_at", flat=True).first()
        or case.first_published_at
    )
    return bool(case.last_published_at and since and case.last_published_at > since)


def _refuse_others(by: User, case: CasePage) -> None:
    if not policies.files_for(by, case):
        raise PermissionDenied


def _reviewed_before(user: User, case: CasePage) -> list[PackItem]:
    """Items of the last rounds of reviews on the estate, that were handed over before the case was filed."""
    filed = case.first_published_at or timezone.now()
    items = PackItem.objects.visible_to(user).exclude(case=case.pk)
    return list(
        items.filter(last_rounds(), pack__stage__project__estate=case.estate_id, is_positive=False)
        .filter(pack__handed_over_at__lte=filed)
        .select_related("pack__stage__project__estate", "case")
    )


def _as_reviewed(item: PackItem) -> Reviewed:
    shown = item.shown
    rest = "\n".join(shown.get(name, "") for name in ("cause", "lesson", "requirement"))
    parts = parts_named(item.case.components, shown["title"], shown["description"])
    return Reviewed(item.pk, shown["title"], shown["description"], rest, parts)
