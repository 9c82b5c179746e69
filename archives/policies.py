"""Who may do what with a dossier. Asked by views and services alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from archives.standing import Standing, standing_of
from archives.vocabulary import OUT_STATES, Medium, Sensitivity, State
from estates.access import Person, Reach, either, reach_of
from estates.roles import CUSTOMER_SERVICE, Role

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from archives.models import DossierPage, Loan
    from estates.models import Estate, User

ENTERING_ROLES = frozenset({Role.EDITOR, Role.MANAGER})
LOOKING_ROLES = frozenset({Role.SALES, Role.PROPERTY, Role.DIRECTOR, Role.GENERAL_MANAGER})
"""These see filed dossiers of their estates, masked."""

CHANGE_ROLES = ENTERING_ROLES | {Role.ARCHIVIST, Role.SALES, Role.PROPERTY}
HANDING_OVER_ROLES = ENTERING_ROLES | {Role.SALES}
WATCHING_ROLES = HANDING_OVER_ROLES | {Role.ARCHIVIST}
HOLDING_ROLES = frozenset({Role.ARCHIVIST, Role.MANAGER, Role.DIRECTOR})
DISPOSING_ROLES = frozenset({Role.MANAGER, Role.DIRECTOR})
"""These give the second decision on a disposal list; the first is the archivist's."""

DECIDING_ROLES = frozenset({Role.ARCHIVIST, Role.MANAGER})
"""These decide on changes and duplicates, answer what customers ask about their data, and handle leaks."""

REGISTER_ROLES = frozenset({Role.AUDITOR, Role.ARCHIVIST})
LIFE_ROLES = CHANGE_ROLES | HOLDING_ROLES
"""Whom something of the archive's life may wait for."""

REVEALED_TO: dict[Sensitivity, frozenset[Role]] = {
    Sensitivity.GENERAL: CUSTOMER_SERVICE | {Role.PROPERTY},
    Sensitivity.PRIVATE: CUSTOMER_SERVICE | {Role.PROPERTY},
    Sensitivity.SENSITIVE: frozenset({Role.MANAGER, Role.ARCHIVIST}),
}


def visible_dossiers(user: Person) -> Q:
    """Customer service sees every dossier of its estates; others filed ones, or those lent to them."""
    ways = [(CUSTOMER_SERVICE, Q(pk__isnull=False)), (LOOKING_ROLES, Q(state=State.FILED))]
    reaches = [(reach_of(user, roles), condition) for roles, condition in ways]
    conditions = [reach.q("estate") & condition for reach, condition in reaches if reach]
    if user.is_authenticated and user.is_active:
        conditions.append(Q(pk__in=lent_to(user).values("dossier")))
    return either(conditions)


def lent_to(user: User) -> QuerySet[Loan]:
    """The electronic loans that the person may open now: as he stands today. What a director did not approve is open to
    colleagues alone."""
    standing, today = standing_of(user), timezone.localdate()
    if standing == Standing.STRANGER:
        return user.borrowed_loans.none()
    loans = user.borrowed_loans.filter(medium=Medium.ELECTRONIC, state__in=OUT_STATES, due_on__gte=today)
    loans = loans.filter(dossier__customer__restricted_at=None)
    return loans if standing == Standing.COLLEAGUE else loans.filter(director__isnull=False)


def sees_by_role(user: Person, dossier: DossierPage) -> bool:
    """Not only because papers of it are lent to him: a borrower sees these papers, and nothing of what happened."""
    return reach_of(user, CUSTOMER_SERVICE | LOOKING_ROLES).covers(dossier.estate_id)


def may_enter_on(user: Person, estate: Estate) -> bool:
    return reach_of(user, ENTERING_ROLES).covers(estate.pk)


def may_hand_over_on(user: Person, estate: Estate) -> bool:
    return reach_of(user, HANDING_OVER_ROLES).covers(estate.pk)


def may_enter(user: Person, dossier: DossierPage) -> bool:
    return may_enter_on(user, dossier.estate)


def may_verify(user: Person, dossier: DossierPage) -> bool:
    """An archivist of the estate; that he entered nothing is asked by the services, which know the versions."""
    return reach_of(user, {Role.ARCHIVIST}).covers(dossier.estate_id)


def may_ask_change(user: Person, dossier: DossierPage) -> bool:
    """A change reaches us through customer service, sales or the property company."""
    return reach_of(user, CHANGE_ROLES).covers(dossier.estate_id)


def may_approve_change(user: Person, dossier: DossierPage) -> bool:
    """A manager or archivist of the estate; that he did not ask for it is the service's to see."""
    return reach_of(user, DECIDING_ROLES).covers(dossier.estate_id)


def may_merge(user: Person, dossier: DossierPage) -> bool:
    return reach_of(user, DECIDING_ROLES).covers(dossier.estate_id)


def may_hold(user: Person, dossier: DossierPage) -> bool:
    return reach_of(user, HOLDING_ROLES).covers(dossier.estate_id)


def may_appraise_on(user: Person, estate: Estate) -> bool:
    return reach_of(user, {Role.ARCHIVIST}).covers(estate.pk)


def may_approve_disposal_on(user: Person, estate: Estate) -> bool:
    return reach_of(user, DISPOSING_ROLES).covers(estate.pk)


def may_see_disposals(user: Person) -> Reach:
    return reach_of(user, DISPOSING_ROLES | {Role.ARCHIVIST, Role.AUDITOR})


def may_grant_override(user: Person, dossier: DossierPage) -> bool:
    return reach_of(user, {Role.MANAGER}).covers(dossier.estate_id)


def may_answer_requests(user: Person, dossier: DossierPage) -> bool:
    return reach_of(user, DECIDING_ROLES).covers(dossier.estate_id)


def may_handle_incidents(user: Person) -> Reach:
    return reach_of(user, DECIDING_ROLES)


def is_restricted(dossier: DossierPage) -> bool:
    """The customer had the use of his data stopped: they are kept, and not used."""
    return dossier.customer.restricted_at is not None


def may_look_at(user: Person, dossier: DossierPage) -> bool:
    """Whether the person may be shown anything about the customer: of a restricted one only those who answer what he
    asks about his data, and each of their readings is a line of the register."""
    return not is_restricted(dossier) or may_answer_requests(user, dossier)


def revealed_to(user: Person, dossier: DossierPage) -> frozenset[Sensitivity]:
    """The classes of items that the person may see in the clear."""
    return frozenset(level for level in Sensitivity if may_reveal(user, dossier, level))


def may_reveal(user: Person, dossier: DossierPage, sensitivity: str = Sensitivity.PRIVATE) -> bool:
    roles = REVEALED_TO[Sensitivity(sensitivity)]
    if is_restricted(dossier):
        roles &= DECIDING_ROLES
    return reach_of(user, roles).covers(dossier.estate_id)


def may_read_documents(user: Person, dossier: DossierPage) -> bool:
    return reach_of(user, CUSTOMER_SERVICE).covers(dossier.estate_id) and may_look_at(user, dossier)


def may_find(user: Person) -> bool:
    return bool(reach_of(user, CUSTOMER_SERVICE | LOOKING_ROLES))


def may_read_register(user: Person) -> Reach:
    """Whose lines of the access register the person may read: those of dossiers on these estates."""
    return reach_of(user, REGISTER_ROLES)


def may_export(user: Person) -> Reach:
    """Gap lists and stock-takes as sheets."""
    return reach_of(user, {Role.MANAGER, Role.ARCHIVIST})


def may_export_dossier(user: Person, dossier: DossierPage) -> bool:
    """A right of its own: whole dossiers in the clear leave by the archivist's hand alone."""
    return reach_of(user, {Role.ARCHIVIST}).covers(dossier.estate_id)


def may_take_bags_on(user: Person, estate: Estate) -> bool:
    return reach_of(user, {Role.ARCHIVIST}).covers(estate.pk)


def may_lend(user: Person, dossier: DossierPage) -> bool:
    """The archivist keeps the loan register."""
    return reach_of(user, {Role.ARCHIVIST}).covers(dossier.estate_id)


def may_ask_for_loan(user: Person, dossier: DossierPage) -> bool:
    return reach_of(user, CUSTOMER_SERVICE | LOOKING_ROLES).covers(dossier.estate_id)


def may_approve_outside(user: Person, dossier: DossierPage) -> bool:
    return reach_of(user, {Role.DIRECTOR}).covers(dossier.estate_id)


def may_change_template(user: Person) -> bool:
    """The template is one for all estates: who changes it answers for all."""
    return reach_of(user, {Role.ARCHIVIST, Role.MANAGER}).everywhere
