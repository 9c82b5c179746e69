"""What each kind of request of a person does, wherever the data are; each says what was done in each place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from archives.consent import stop_consent_readers
from archives.guarded import Warrant
from archives.handover_import import batches_naming
from archives.life_vocabulary import ChangeState, Effect, Place, ProposalState, RequestKind
from archives.models import Customer, DossierPage, DuplicateProposal, PersonRequest, ProfileVersion
from archives.profiles import all_versions, latest_profile
from archives.register import Reader, note
from archives.rekeying import seal_anew
from archives.retention import is_busy, is_held
from archives.services.disposing import erase_dossiers, outside_of
from archives.services.entering import write_profile
from archives.services.errors import DossierError
from archives.services.restricting import needed_codes
from archives.services.steps import take_step
from archives.template import known_items
from archives.vocabulary import State, Step
from vault.models.access import Act

if TYPE_CHECKING:
    from collections.abc import Callable

Effects = list[tuple[str, str]]
USED = (Place.PROFILE, Place.VERSIONS, Place.DOCUMENTS, Place.NOTES, Place.INDEX)


def give(reader: Reader, held: DossierPage, row: PersonRequest) -> Effects:
    if row.copied_at is None:
        raise DossierError(_("请先打印副本交给客户，再记为已办理。"))
    given = [(place, Effect.GIVEN) for place in (Place.PROFILE, Place.VERSIONS, Place.NOTES, Place.REGISTER)]
    return [*given, (Place.DOCUMENTS, Effect.LISTED)]


def correct(reader: Reader, held: DossierPage, row: PersonRequest) -> Effects:
    """An open dossier is corrected by entering, a filed one by a change request. What stays is sealed anew, so that
    what was overwritten is nowhere else than in the versions that the law has us keep."""
    since = held.customer.profiles.filter(made_at__date__gte=row.received_on)
    changed = held.changes.filter(state=ChangeState.APPROVED, decided_at__date__gte=row.received_on)
    if not (changed.exists() if held.state == State.FILED else since.exists()):
        raise DossierError(_("请先办理资料变更，变更批准以后再记为已办理。"))
    customer = Customer.objects.select_for_update().get(pk=held.customer_id)
    row.left = {"retired": [[customer.subject, seal_anew(customer)]]}
    return [(Place.PROFILE, Effect.CHANGED), (Place.INDEX, Effect.CHANGED), (Place.VERSIONS, Effect.KEPT)]


def delete(reader: Reader, held: DossierPage, row: PersonRequest) -> Effects:
    """What was never filed goes at once, whole; a filed dossier has its term."""
    if is_held(held) or is_busy(held):
        raise DossierError(_("档案暂停销毁、在借或有变更在办，不能删除。请答复客户不能办理和原因。"))
    if held.state == State.FILED:
        raise DossierError(
            _(
                "已归档的档案依法保管到期，不能提前删除。请答复“不能办理”：资料会停止使用、只保管；到期的请编入销毁清册。"
            )
        )
    gone = [held, *held.merged_from.select_related("customer")]
    row.left = outside_of(gone)
    stopped = stop_consent_readers([profile for one in gone for profile in all_versions(one.customer).values()])
    note(reader, Act.DESTROYED, held, purpose=str(RequestKind.DELETION.value))
    tenure = held.tenure
    erase_dossiers(gone)
    DossierPage.objects.filter(pk=held.pk).update(tenure=None)
    if tenure:
        tenure.delete()
    held.state = State.DISPOSED
    return [
        *((place, Effect.ERASED) for place in (*USED, Place.SHEETS)),
        *_stopped(stopped),
        (Place.REGISTER, Effect.KEPT),
        (Place.BACKUPS, Effect.UNREADABLE),
    ]


def restrict(reader: Reader, held: DossierPage, row: PersonRequest) -> Effects:
    """From now on the data are kept and not used, in every dossier of the person."""
    person = same_person(held)
    Customer.objects.filter(pk__in=person, restricted_at=None).update(restricted_at=timezone.now())
    held.customer.refresh_from_db()
    DuplicateProposal.objects.filter(Q(first__in=person) | Q(second__in=person), state=ProposalState.PROPOSED).delete()
    take_step(reader, held, Step.RESTRICTED)
    return [*((place, Effect.RESTRICTED) for place in USED), (Place.REGISTER, Effect.KEPT)]


def same_person(held: DossierPage) -> set[int]:
    """The customer, those of dossiers merged into this one or that it was merged into, and those that somebody said
    are the same person with another dossier; and whoever is the same person as one of these, however many steps on."""
    found: set[int] = set()
    new = {held.customer_id}
    while new:
        found |= new
        new = _said_to_be(new) - found
    return found


def _said_to_be(customers: set[int]) -> set[int]:
    """Both sides of every judgment and merge that one of the customers has part in."""
    said = DuplicateProposal.objects.filter(state__in=[ProposalState.SAME, ProposalState.MERGED])
    said = said.filter(Q(first__in=customers) | Q(second__in=customers))
    merged = DossierPage.objects.filter(Q(customer__in=customers) | Q(merged_into__customer__in=customers))
    merged = merged.exclude(merged_into=None)
    pairs = [*said.values_list("first", "second"), *merged.values_list("customer", "merged_into__customer")]
    return {customer for pair in pairs for customer in pair}


def resume(reader: Reader, held: DossierPage, row: PersonRequest) -> Effects:
    """The customer, proved, lets his data be used again, and agrees again to what rests on his consent."""
    customers = Customer.objects.filter(pk__in=same_person(held))
    if not customers.exclude(restricted_at=None, consent_withdrawn_on=None).exists():
        raise DossierError(_("没有停止使用，也没有撤回过同意，不需要恢复。"))
    customers.update(restricted_at=None, consent_withdrawn_on=None)
    held.customer.refresh_from_db()
    take_step(reader, held, Step.RESUMED)
    return [(place, Effect.RESUMED) for place in USED]


def withdraw(reader: Reader, held: DossierPage, row: PersonRequest) -> Effects:
    """What was collected on consent goes, from the present version, the earlier ones, requests for changes and sheets
    that were sent in; what contract and law need stays, sealed with a new key. What goes by mail ends."""
    dossiers = [held, *held.merged_from.select_related("customer")]
    locked = Customer.objects.select_for_update().filter(pk__in=[one.customer_id for one in dossiers]).order_by("pk")
    customers = {customer.pk: customer for customer in locked}
    stopped = stop_consent_readers([p for one in customers.values() for p in all_versions(one).values()])
    row.left = {"batches": batches_naming([one.subject for one in customers.values()]), "retired": []}
    for one in dossiers:
        one.customer = customers[one.customer_id]
        row.left["retired"].append(_withdraw_from(reader, one, row))
    Customer.objects.filter(pk__in=same_person(held)).update(consent_withdrawn_on=timezone.localdate())
    held.customer.refresh_from_db()
    return [
        (Place.PROFILE, Effect.PARTLY),
        (Place.VERSIONS, Effect.ERASED),
        (Place.INDEX, Effect.PARTLY),
        *([(Place.SHEETS, Effect.ERASED)] if row.left["batches"] else []),
        *_stopped(stopped),
        (Place.DOCUMENTS, Effect.KEPT),
        (Place.NOTES, Effect.KEPT),
        (Place.REGISTER, Effect.KEPT),
        (Place.BACKUPS, Effect.UNREADABLE),
    ]


def _withdraw_from(reader: Reader, held: DossierPage, row: PersonRequest) -> list[Any]:
    """One dossier. Returns its customer's subject and the keys to be retired."""
    customer, needed = held.customer, needed_codes(held)
    ids = seal_anew(customer)
    before = latest_profile(customer)
    gone = sorted(before.keys() - needed)
    if gone:
        rest = {code: value for code, value in before.items() if code in needed}
        warrant = Warrant(row.taken_by_id, reader.user.pk, gone)
        write_profile(customer, rest, gone, known_items(), reader.user, warrant=warrant)
        if held.state == State.FILED:
            facts = {"confirmed_profile": customer.latest, "verified_profile": customer.latest}
            DossierPage.objects.filter(pk=held.pk).update(**facts)
    earlier = ProfileVersion.objects.filter(customer=customer, number__lt=customer.latest)
    held.changes.filter(version__in=earlier).update(version=None)
    earlier.delete()
    for change in held.changes.all():
        asked = change.changes(customer.subject)
        kept = {code: value for code, value in asked.items() if code in needed}
        if kept != asked:
            change.seal_changes(customer.subject, kept)
            change.save(update_fields=["sealed_changes"])
    return [customer.subject, ids]


def _stopped(count: int) -> Effects:
    return [(Place.MAGAZINE, Effect.STOPPED)] if count else []


DO: dict[RequestKind, Callable[[Reader, DossierPage, PersonRequest], Effects]] = {
    RequestKind.ACCESS: give,
    RequestKind.COPY: give,
    RequestKind.CORRECTION: correct,
    RequestKind.DELETION: delete,
    RequestKind.WITHDRAWAL: withdraw,
    RequestKind.RESTRICTION: restrict,
    RequestKind.RESUMPTION: resume,
}
