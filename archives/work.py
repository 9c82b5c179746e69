"""What of the archive waits for a person: for the page of his work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from archives.models import DossierPage, GateOverride, Loan
from archives.vocabulary import OPEN_STATES, OUT_STATES, LoanState, State
from estates.access import reach_of
from estates.roles import Role

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from estates.models import User


def dossiers_waiting_for(user: User) -> QuerySet[DossierPage]:
    """Those one is entering or got back, and those that wait for an archivist's check."""
    own = Q(owner=user, state__in=OPEN_STATES)
    to_check = Q(state=State.SUBMITTED) & reach_of(user, {Role.ARCHIVIST}).q("estate")
    rows = DossierPage.objects.visible_to(user).filter(own | to_check).select_related("estate", "unit")
    return rows.order_by("-state", "-latest_revision_created_at")


def overrides_waiting_for(user: User) -> QuerySet[GateOverride]:
    waiting = GateOverride.objects.filter(reach_of(user, {Role.MANAGER}).q("dossier__estate"), decided_at=None)
    return waiting.exclude(asked_by=user).select_related("dossier__estate", "dossier__unit", "rule", "asked_by")


def loans_waiting_for(user: User) -> QuerySet[Loan]:
    """Loans to decide, and one's own that are overdue."""
    mine = Q(borrower=user, state__in=OUT_STATES, due_on__lt=timezone.localdate())
    to_lend = Q(state=LoanState.ASKED) & reach_of(user, {Role.ARCHIVIST}).q("dossier__estate")
    to_allow = Q(state=LoanState.DIRECTOR) & reach_of(user, {Role.DIRECTOR}).q("dossier__estate")
    rows = Loan.objects.filter(mine | (to_lend & ~Q(asked_by=user)) | to_allow).select_related("dossier")
    return rows.order_by("due_on")
