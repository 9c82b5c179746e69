"""What customers ask about their own data: taken in with evidence, answered in time, carried out wherever it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archives import policies
from archives.evidence import Named, Verdict, compare_evidence
from archives.life_vocabulary import RequestKind, RequestState
from archives.models import DossierPage, PersonRequest
from archives.register import Reader, data_part, note
from archives.services.carrying_out import DO, Effects, restrict
from archives.services.disposing import destroy_outside
from archives.services.documents import Incoming, keep_document
from archives.services.errors import DossierError
from archives.services.receiving import next_number, refuse_unreceived
from archives.services.steps import take_step
from archives.services.wording import note_words
from archives.vocabulary import GONE_STATES, DocumentKind, State, Step
from estates.calendar import add_workdays
from vault.key_copies import refresh_copies
from vault.models.access import Act

GIVING = frozenset({RequestKind.ACCESS, RequestKind.COPY})


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
    note(reader, Act.PRINTED, held, purpose=str(Step.REQUEST_COPIED.value), count=count, part=data_part(held))
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
        effects = restrict(reader, held, row)
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
    refresh_copies()
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
