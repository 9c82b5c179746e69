"""What customers ask about their own data: taken in with evidence, answered in time, carried out wherever it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archives import policies
from archives.evidence import Named, Verdict, compare_evidence
from archives.life_vocabulary import ChangeState, Effect, Place, RequestKind, RequestState
from archives.models import Customer, DossierPage, PersonRequest, ProfileVersion
from archives.profiles import latest_profile
from archives.register import Reader, note
from archives.retention import is_busy, is_held
from archives.services.disposing import destroy_outside, erase_dossiers, outside_of
from archives.services.documents import Incoming, keep_document
from archives.services.entering import write_profile
from archives.services.errors import DossierError
from archives.services.receiving import next_number, refuse_unreceived
from archives.services.steps import take_step
from archives.services.wording import note_words
from archives.template import items_for, known_items, template_of
from archives.vocabulary import DEED, GONE_STATES, DocumentKind, State, Step
from estates.calendar import add_workdays
from vault.models.access import Act

if TYPE_CHECKING:
    from collections.abc import Callable

GIVING = frozenset({RequestKind.ACCESS, RequestKind.COPY})
Effects = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What came in. An agent brings a letter of authority."""

    kind: str
    channel: str
    received_on: date
    named: Named
    by_agent: bool = False


@transaction.atomic
def take_request(
    *, reader: Reader, dossier: DossierPage, asked: Asked, authority: Incoming | None = None
) -> PersonRequest:
    """Keep the request; the time to answer runs from the day it came. With too little evidence it waits for more.

    Raises PermissionDenied, DossierError.
    """
    held = DossierPage.objects.held(dossier.pk)
    if not policies.may_ask_change(reader.user, held):
        raise PermissionDenied
    _refuse_impossible(held, asked, authority)
    document = None
    if authority:
        document = keep_document(reader=reader, held=held, incoming=authority, kind=DocumentKind.AUTHORITY)
    request = PersonRequest(
        dossier=held,
        number=next_number(held.requests),
        kind=asked.kind,
        channel=asked.channel,
        received_on=asked.received_on,
        due_on=add_workdays(asked.received_on, settings.PERSON_REQUEST_DAYS),
        by_agent=asked.by_agent,
        authority=document,
        taken_by=reader.user,
    )
    _judge(request, compare_evidence(held, asked.named))
    take_step(reader, held, Step.REQUEST_TAKEN, detail=_detail(request))
    return request


def _refuse_impossible(held: DossierPage, asked: Asked, authority: Incoming | None) -> None:
    if asked.kind not in RequestKind.values:
        raise DossierError(_("请选择请求种类。"))
    refuse_unreceived(asked.channel, asked.received_on)
    if held.state in GONE_STATES:
        raise DossierError(_("档案是“%(state)s”，没有可以办理的内容。") % {"state": held.get_state_display()})
    if asked.by_agent and authority is None:
        raise DossierError(_("由代理人提出的，请附上客户的授权委托书。"))


@transaction.atomic
def prove_request(*, reader: Reader, request: PersonRequest, named: Named) -> PersonRequest:
    """More evidence of who asks. Raises PermissionDenied, DossierError."""
    held = DossierPage.objects.held(request.dossier_id)
    if not policies.may_ask_change(reader.user, held):
        raise PermissionDenied
    row = held.requests.select_for_update().get(pk=request.pk)
    if row.state != RequestState.WEAK:
        raise DossierError(_("这个请求不在等身份核验。"))
    _judge(row, compare_evidence(held, named))
    take_step(reader, held, Step.REQUEST_TAKEN, detail=_detail(row))
    return row


def _judge(request: PersonRequest, verdict: Verdict) -> None:
    request.evidence = {**verdict.results, "ambiguous": verdict.is_ambiguous}
    request.state = RequestState.OPEN if verdict.is_enough else RequestState.WEAK
    request.save()


def _detail(request: PersonRequest) -> dict[str, object]:
    return {"request": request.number, "kind": request.kind}


@transaction.atomic
def note_copy(*, reader: Reader, request: PersonRequest, count: int) -> PersonRequest:
    """Before a copy of everything held is handed out: who may, and that it was.

    Raises PermissionDenied, DossierError.
    """
    held, row = _hold_open(reader, request)
    if row.kind not in GIVING:
        raise DossierError(_("只有查阅和复制的请求才提供副本。"))
    row.copied_at = timezone.now()
    row.save(update_fields=["copied_at"])
    take_step(reader, held, Step.REQUEST_COPIED, detail=_detail(row))
    note(reader, Act.PRINTED, held, purpose=str(Step.REQUEST_COPIED.value), count=count)
    return row


@transaction.atomic
def refuse_request(*, reader: Reader, request: PersonRequest, reply: str) -> PersonRequest:
    """With the reason, which the customer gets. A deletion that the law forbids still stops every other use.

    Raises PermissionDenied, DossierError.
    """
    held, row = _hold_open(reader, request, weak=True)
    words = note_words(reply)
    if not words:
        raise DossierError(_("请写明为什么不能办理，客户有权知道。"))
    effects: Effects = []
    if row.kind == RequestKind.DELETION and row.state == RequestState.OPEN:
        effects = _restrict(reader, held)
    return _answer(reader, held, row, state=RequestState.REFUSED, effects=effects, words=words)


@transaction.atomic
def fulfil_request(*, reader: Reader, request: PersonRequest, reply: str = "") -> PersonRequest:
    """Carry it out, by a person who did not take it in, and keep what was done in each place.

    Raises PermissionDenied; DossierError while something must come first: the copy, the change, the end of a hold.
    """
    held, row = _hold_open(reader, request)
    if row.taken_by_id == reader.user.pk:
        raise DossierError(_("请求要由另一个人办理，不能办理自己受理的请求。"))
    words = note_words(reply)
    effects = DO[RequestKind(row.kind)](reader, held, row)
    answered = _answer(reader, held, row, state=RequestState.DONE, effects=effects, words=words)
    if answered.left:
        transaction.on_commit(lambda: _destroy_left(answered))
    return answered


def _destroy_left(row: PersonRequest) -> None:
    destroy_outside(row.left)
    PersonRequest.objects.filter(pk=row.pk).update(left={})


def _hold_open(reader: Reader, request: PersonRequest, *, weak: bool = False) -> tuple[DossierPage, PersonRequest]:
    held = DossierPage.objects.held(request.dossier_id)
    if not policies.may_answer_requests(reader.user, held):
        raise PermissionDenied
    row = held.requests.select_for_update().get(pk=request.pk)
    if row.state == RequestState.WEAK and not weak:
        raise DossierError(_("身份还没有核验够：证件号码、电话、房号至少两项相符。"))
    if row.state in (RequestState.DONE, RequestState.REFUSED):
        raise DossierError(_("这个请求已经答复了。"))
    return held, row


def _answer(
    reader: Reader, held: DossierPage, row: PersonRequest, *, state: str, effects: Effects, words: str
) -> PersonRequest:
    row.state, row.answered_by, row.answered_at = state, reader.user, timezone.now()
    row.effects = effects
    if held.state != State.DISPOSED:
        row.seal_note(held.customer.subject, words)
    row.save()
    if held.state != State.DISPOSED:
        take_step(reader, held, Step.REQUEST_ANSWERED, detail={**_detail(row), "state": state})
    return row


def _give(reader: Reader, held: DossierPage, row: PersonRequest) -> Effects:
    if row.copied_at is None:
        raise DossierError(_("请先打印副本交给客户，再记为已办理。"))
    given = [Place.PROFILE, Place.VERSIONS, Place.DOCUMENTS, Place.NOTES, Place.REGISTER]
    return [(place, Effect.GIVEN) for place in given]


def _correct(reader: Reader, held: DossierPage, row: PersonRequest) -> Effects:
    """An open dossier is corrected by entering, a filed one by a change request."""
    since = held.customer.profiles.filter(made_at__date__gte=row.received_on)
    changed = held.changes.filter(state=ChangeState.APPROVED, decided_at__date__gte=row.received_on)
    if not (changed.exists() if held.state == State.FILED else since.exists()):
        raise DossierError(_("请先办理资料变更，变更批准以后再记为已办理。"))
    return [(Place.PROFILE, Effect.CHANGED), (Place.INDEX, Effect.CHANGED), (Place.VERSIONS, Effect.KEPT)]


def _delete(reader: Reader, held: DossierPage, row: PersonRequest) -> Effects:
    """What was never filed goes at once, whole; a filed dossier has its term."""
    if is_held(held) or is_busy(held):
        raise DossierError(_("档案暂停销毁、在借或有变更在办，不能删除。请答复客户不能办理和原因。"))
    if held.state == State.FILED:
        raise DossierError(
            _(
                "已归档的档案依法保管到期，不能提前删除。请答复“不能办理”：资料会停止使用、只保管；到期的请编入销毁清册。"
            )
        )
    row.left = outside_of([held])
    note(reader, Act.DESTROYED, held, purpose=str(RequestKind.DELETION.value))
    tenure = held.tenure
    erase_dossiers([held])
    DossierPage.objects.filter(pk=held.pk).update(tenure=None)
    if tenure:
        tenure.delete()
    held.state = State.DISPOSED
    erased = [Place.PROFILE, Place.VERSIONS, Place.DOCUMENTS, Place.NOTES, Place.INDEX, Place.SHEETS]
    return [
        *((place, Effect.ERASED) for place in erased),
        (Place.REGISTER, Effect.KEPT),
        (Place.BACKUPS, Effect.UNREADABLE),
    ]


def _restrict(reader: Reader, held: DossierPage) -> Effects:
    Customer.objects.filter(pk=held.customer_id).update(restricted_at=timezone.now())
    take_step(reader, held, Step.RESTRICTED)
    kept = [Place.PROFILE, Place.VERSIONS, Place.DOCUMENTS, Place.NOTES, Place.INDEX]
    return [*((place, Effect.RESTRICTED) for place in kept), (Place.REGISTER, Effect.KEPT)]


def _withdraw(reader: Reader, held: DossierPage, row: PersonRequest) -> Effects:
    """What was collected on consent goes, from the present version and the earlier ones; what the contract and the law
    need stays."""
    customer = Customer.objects.select_for_update().get(pk=held.customer_id)
    needed = {item.code for item in items_for(template_of(held), held.estate) if item.required} | {DEED}
    before = latest_profile(customer)
    gone = sorted(before.keys() - needed)
    if gone:
        write_profile(customer, {c: v for c, v in before.items() if c in needed}, gone, known_items(), reader.user)
        earlier = ProfileVersion.objects.filter(customer=customer, number__lt=customer.latest)
        held.changes.filter(version__in=earlier).update(version=None)
        earlier.delete()
        facts = {"confirmed_profile": customer.latest, "verified_profile": customer.latest}
        if held.state == State.FILED:
            DossierPage.objects.filter(pk=held.pk).update(**facts)
    Customer.objects.filter(pk=customer.pk).update(consent_withdrawn_on=timezone.localdate())
    held.customer = customer
    return [
        (Place.PROFILE, Effect.PARTLY),
        (Place.VERSIONS, Effect.ERASED),
        (Place.INDEX, Effect.PARTLY),
        (Place.DOCUMENTS, Effect.KEPT),
        (Place.NOTES, Effect.KEPT),
        (Place.REGISTER, Effect.KEPT),
        (Place.BACKUPS, Effect.EXPIRING),
    ]


DO: dict[RequestKind, Callable[[Reader, DossierPage, PersonRequest], Effects]] = {
    RequestKind.ACCESS: _give,
    RequestKind.COPY: _give,
    RequestKind.CORRECTION: _correct,
    RequestKind.DELETION: _delete,
    RequestKind.WITHDRAWAL: _withdraw,
}
