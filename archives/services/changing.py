"""A filed dossier changes only on request: with the customer's form, evidence of who asks, and a second person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archives import policies
from archives.evidence import Named, Verdict, compare_evidence
from archives.guarded import Warrant
from archives.items import DOUBTS, Value
from archives.life_vocabulary import ChangeState
from archives.models import ChangeRequest, Customer, DossierPage
from archives.profiles import Profile, latest_profile
from archives.register import Reader
from archives.services.documents import Incoming, keep_document
from archives.services.entering import doubt_in, fitting_value, refuse_stale_profile, write_profile
from archives.services.errors import DossierError, DoubtfulChange
from archives.services.receiving import next_number, refuse_unreceived
from archives.services.restricting import refuse_restricted, refuse_without_consent
from archives.services.steps import take_step
from archives.services.templating import KEPT_ITEMS
from archives.services.wording import note_words
from archives.template import known_items
from archives.vocabulary import DocumentKind, State, Step

if TYPE_CHECKING:
    from archives.models import TemplateItem


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the customer's form says: new values by item, items to empty, and who he showed himself to be."""

    channel: str
    received_on: date
    values: Mapping[str, Value]
    named: Named
    emptied: Collection[str] = field(default=())


@transaction.atomic
def ask_change(*, reader: Reader, dossier: DossierPage, wanted: Wanted, form: Incoming) -> ChangeRequest:
    """Keep the request with its form. With too little evidence it is kept as such, and waits for more.

    Raises PermissionDenied, DossierError, DoubtfulChange naming the doubtful items; and what `vault.sealing` raises.
    """
    held = _hold_filed(reader, dossier)
    refuse_unreceived(wanted.channel, wanted.received_on)
    values = _values(held, wanted)
    verdict = compare_evidence(held, wanted.named)
    document = keep_document(reader=reader, held=held, incoming=form, kind=DocumentKind.CHANGE_FORM)
    change = ChangeRequest(
        dossier=held,
        number=next_number(held.changes),
        channel=wanted.channel,
        received_on=wanted.received_on,
        form=document,
        codes=sorted(values),
        asked_by=reader.user,
    )
    change.seal_changes(held.customer.subject, values)
    _judge(reader, held, change, verdict)
    return change


@transaction.atomic
def prove_again(*, reader: Reader, change: ChangeRequest, named: Named) -> ChangeRequest:
    """More evidence for a request that had too little. Raises PermissionDenied, DossierError."""
    held = _hold_filed(reader, change.dossier)
    row = held.changes.select_for_update().get(pk=change.pk)
    if row.state != ChangeState.WEAK:
        raise DossierError(_("这个变更申请不在等身份核验。"))
    _judge(reader, held, row, compare_evidence(held, named))
    return row


def _judge(reader: Reader, held: DossierPage, change: ChangeRequest, verdict: Verdict) -> None:
    change.evidence = {**verdict.results, "ambiguous": verdict.is_ambiguous}
    change.state = ChangeState.ASKED if verdict.is_enough else ChangeState.WEAK
    change.save()
    step = Step.CHANGE_ASKED if verdict.is_enough else Step.CHANGE_WEAK
    take_step(reader, held, step, detail=_detail(change), count=len(change.codes))


def _detail(change: ChangeRequest) -> dict[str, object]:
    return {"change": change.number, "items": change.codes}


def _hold_filed(reader: Reader, dossier: DossierPage) -> DossierPage:
    held = DossierPage.objects.held(dossier.pk)
    if not policies.may_ask_change(reader.user, held):
        raise PermissionDenied
    refuse_restricted(held)
    if held.state != State.FILED:
        raise DossierError(
            _("档案是“%(state)s”，不走变更手续：归档以前直接修改。") % {"state": held.get_state_display()}
        )
    return held


def _values(held: DossierPage, wanted: Wanted) -> dict[str, Value]:
    """What the request changes, tidied. Raises DossierError, DoubtfulChange."""
    known, before = known_items(), latest_profile(held.customer)
    typed = {code: fitting_value(known[code], value) for code, value in wanted.values.items() if code in known}
    emptied = {code: "" for code in wanted.emptied if code in before and not typed.get(code)}
    if kept := sorted(emptied.keys() & KEPT_ITEMS.keys()):
        raise DossierError(_("“%(item)s”不能清空：客户要靠它查找。") % {"item": known[kept[0]].words})
    filled = {code: value for code, value in typed.items() if value}
    changed = {code: value for code, value in {**filled, **emptied}.items() if before.get(code, "") != value}
    if not changed:
        raise DossierError(_("没有要变更的内容：填写的和档案里的一样，或都没有填。"))
    _refuse_doubtful(known, changed, held.customer)
    refuse_without_consent(held, [code for code, value in changed.items() if value])
    return changed


def _refuse_doubtful(known: Mapping[str, TemplateItem], changed: Mapping[str, Value], customer: Customer) -> None:
    doubts = {
        code: doubt for code, value in changed.items() if value and (doubt := doubt_in(known, code, value, customer))
    }
    if doubts:
        raise DoubtfulChange(
            _("有内容不清楚，请和客户核对后再提交。"), {code: str(DOUBTS[doubt]) for code, doubt in doubts.items()}
        )


@transaction.atomic
def approve_change(*, reader: Reader, change: ChangeRequest, loaded: int) -> ChangeRequest:
    """Make the change as a new version of the profile, for a person who did not ask for it.

    `loaded` is the version that he compared with. Raises PermissionDenied, DossierError, StaleDossier when the profile
    was changed since.
    """
    held, row = _hold_undecided(reader, change)
    refuse_restricted(held)
    customer = Customer.objects.select_for_update().get(pk=held.customer_id)
    refuse_stale_profile(customer, loaded)
    known, before = known_items(), latest_profile(customer)
    after = _applied(before, row.changes(customer.subject))
    refuse_without_consent(held, [code for code in after if after[code] != before.get(code)])
    changed = sorted(code for code in {*before, *after} if before.get(code) != after.get(code))
    if changed:
        warrant = Warrant(row.asked_by_id, reader.user.pk, row.codes)
        row.version = write_profile(customer, after, changed, known, row.asked_by, warrant=warrant)
        DossierPage.objects.filter(pk=held.pk).update(
            confirmed_profile=customer.latest, verified_profile=customer.latest, verified_by=reader.user
        )
    held.customer = customer
    _decide(reader, row, ChangeState.APPROVED)
    detail = {**_detail(row), "items": changed, "version": customer.latest}
    take_step(reader, held, Step.CHANGE_APPROVED, detail=detail, count=len(changed))
    return row


def _applied(before: Profile, wanted: Mapping[str, Value]) -> Profile:
    return {code: value for code, value in {**before, **wanted}.items() if value}


@transaction.atomic
def refuse_change(*, reader: Reader, change: ChangeRequest, reason: str) -> ChangeRequest:
    """The request stays, with the reason. Raises PermissionDenied, DossierError."""
    held, row = _hold_undecided(reader, change)
    words = note_words(reason)
    if not words:
        raise DossierError(_("请写明为什么不同意，客户会问。"))
    row.seal_note(held.customer.subject, words)
    _decide(reader, row, ChangeState.REFUSED)
    take_step(reader, held, Step.CHANGE_REFUSED, detail=_detail(row), words=words)
    return row


def _hold_undecided(reader: Reader, change: ChangeRequest) -> tuple[DossierPage, ChangeRequest]:
    held = DossierPage.objects.held(change.dossier_id)
    if not policies.may_approve_change(reader.user, held):
        raise PermissionDenied
    row = held.changes.select_for_update(of=("self",)).select_related("asked_by").get(pk=change.pk)
    if row.state == ChangeState.WEAK:
        raise DossierError(_("身份还没有核验够：证件号码、电话、房号至少两项相符。"))
    if row.state != ChangeState.ASKED:
        raise DossierError(_("这个变更申请已经有了决定。"))
    if row.asked_by_id == reader.user.pk:
        raise DossierError(_("变更要由另一个人审批，不能审批自己受理的申请。"))
    return held, row


def _decide(reader: Reader, row: ChangeRequest, state: str) -> None:
    row.state, row.decided_by, row.decided_at = state, reader.user, timezone.now()
    row.save(update_fields=["state", "decided_by", "decided_at", "version", "sealed_note"])
