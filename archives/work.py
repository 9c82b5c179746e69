"""What of the archive waits for a person: for the page of his work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from archives import policies
from archives.duplicates import count_candidates
from archives.handover_watch import MONTH, deed_due, due_handovers, late_deeds
from archives.life_vocabulary import ChangeState, Disposal, RequestState
from archives.models import ChangeRequest, DeedCorrection, DisposalList, DossierPage, GateOverride, Loan, PersonRequest
from archives.vocabulary import OPEN_STATES, OUT_STATES, LoanState, State
from estates.access import reach_of
from estates.roles import Role
from estates.work import Row, Task

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from estates.models import User

SHOWN = 8


def dossiers_waiting_for(user: User) -> QuerySet[DossierPage]:
    """Those one is entering or got back, and those that wait for an archivist's check."""
    own = Q(owner=user, state__in=OPEN_STATES)
    to_check = Q(state=State.SUBMITTED) & reach_of(user, {Role.ARCHIVIST}).q("estate")
    rows = DossierPage.objects.visible_to(user).filter(own | to_check).select_related("estate", "unit")
    return rows.order_by("-state", "-latest_revision_created_at")


def overrides_waiting_for(user: User) -> QuerySet[GateOverride]:
    waiting = GateOverride.objects.filter(
        reach_of(user, {Role.MANAGER}).q("dossier__estate"), decided_at=None, version=F("dossier__customer__latest")
    )
    return waiting.exclude(asked_by=user).select_related("dossier__estate", "dossier__unit", "rule", "asked_by")


def archive_work(user: User) -> list[Task]:
    """What the archive's life asks of the person, each kind under its heading; nothing where nothing waits."""
    if not reach_of(user, policies.LIFE_ROLES):
        return []
    tasks = (ask(user) for ask in (_requests, _changes, _corrections, _duplicates, _handovers, _deeds, _disposals))
    return [task for task in tasks if task.count]


def _requests(user: User) -> Task:
    """To answer, by the date; and one's own that lack evidence."""
    to_answer = reach_of(user, policies.DECIDING_ROLES).q("dossier__estate") & Q(state=RequestState.OPEN)
    waiting = PersonRequest.objects.filter(to_answer | Q(taken_by=user, state=RequestState.WEAK))
    rows = [
        Row(
            reverse("archives:person-request", args=[row.pk]),
            row.dossier.place_words,
            row.get_state_display(),
            [row.get_kind_display()],
            due=row.due_on,
        )
        for row in waiting.select_related("dossier__estate", "dossier__unit").order_by("due_on", "pk")[:SHOWN]
    ]
    return Task(_("个人信息请求"), waiting.count(), rows)


def _changes(user: User) -> Task:
    waiting = changes_waiting_for(user)
    rows = [
        Row(
            reverse("archives:change", args=[change.pk]),
            change.dossier.place_words,
            change.get_state_display(),
            [str(change.asked_by)],
            at=change.asked_at,
        )
        for change in waiting[:SHOWN]
    ]
    return Task(_("资料变更申请"), waiting.count(), rows)


def _corrections(user: User) -> Task:
    """Title deeds that somebody else would correct."""
    rows = DeedCorrection.objects.filter(reach_of(user, policies.DECIDING_ROLES).q("dossier__estate"), decided_at=None)
    waiting = rows.exclude(asked_by=user).select_related("dossier__estate", "dossier__unit", "asked_by")
    lines = [
        Row(row.dossier.get_absolute_url(), row.dossier.place_words, meta=[str(row.asked_by)], at=row.asked_at)
        for row in waiting.order_by("asked_at", "pk")[:SHOWN]
    ]
    return Task(_("产权证更正"), waiting.count(), lines)


def _duplicates(user: User) -> Task:
    """One line for all: the pairs are compared on a page of their own."""
    count = count_candidates(user)
    words = ngettext("%(n)d 组可能重复", "%(n)d 组可能重复", count) % {"n": count}
    return Task(_("重复档案"), count, [Row(reverse("archives:duplicates"), words)] if count else [])


def _handovers(user: User) -> Task:
    due = due_handovers(user)
    rows = [
        Row(
            reverse("archives:handover", args=[handover.pk]),
            str(handover),
            meta=[ngettext("%(n)d 套资料不全", "%(n)d 套资料不全", count) % {"n": count}],
            due=handover.begins_on - MONTH,
        )
        for handover, count in due[:SHOWN]
    ]
    return Task(_("交房前要移交的客户资料"), len(due), rows)


def _deeds(user: User) -> Task:
    late = late_deeds(user)
    rows = [
        Row(dossier.get_absolute_url(), dossier.place_words, due=deed_due(dossier.tenure.deed_on))
        for dossier in late[:SHOWN]
        if dossier.tenure and dossier.tenure.deed_on
    ]
    return Task(_("办证后要补的产权证号"), late.count(), rows)


def _disposals(user: User) -> Task:
    """Lists in which the person's decision is the next."""
    to_appraise = Q(items__first="") & reach_of(user, {Role.ARCHIVIST}).q("estate")
    to_approve = Q(items__second="") & ~Q(items__first="") & reach_of(user, policies.DISPOSING_ROLES).q("estate")
    waiting = DisposalList.objects.filter(run_at=None, items__state=Disposal.WAITING).filter(to_appraise | to_approve)
    lists = list(waiting.exclude(items__first_by=user, items__second="").select_related("estate").distinct())
    rows = [
        Row(reverse("archives:disposal", args=[one.pk]), f"{one} · {one.estate}", at=one.made_at)
        for one in lists[:SHOWN]
    ]
    return Task(_("等我决定的销毁清册"), len(lists), rows)


def changes_waiting_for(user: User) -> QuerySet[ChangeRequest]:
    """Change requests to decide, and one's own that lack evidence."""
    to_decide = reach_of(user, policies.DECIDING_ROLES).q("dossier__estate") & Q(state=ChangeState.ASKED)
    mine = Q(asked_by=user, state=ChangeState.WEAK)
    rows = ChangeRequest.objects.filter((to_decide & ~Q(asked_by=user)) | mine)
    return rows.select_related("dossier__estate", "dossier__unit", "asked_by").order_by("asked_at")


def loans_waiting_for(user: User) -> QuerySet[Loan]:
    """Loans to decide, and one's own that are overdue."""
    mine = Q(borrower=user, state__in=OUT_STATES, due_on__lt=timezone.localdate())
    to_lend = Q(state=LoanState.ASKED) & reach_of(user, {Role.ARCHIVIST}).q("dossier__estate")
    to_allow = Q(state=LoanState.DIRECTOR) & reach_of(user, {Role.DIRECTOR}).q("dossier__estate")
    rows = Loan.objects.filter(mine | (to_lend & ~Q(asked_by=user)) | to_allow).select_related("dossier")
    return rows.order_by("due_on")
