"""From entry to the file: the customer's confirmation, submission, the archivist's check, the four gates."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from archives import policies
from archives.duplicates import propose_duplicates
from archives.gates import count_gaps, find_gaps, unanswered_returns
from archives.models import DossierPage
from archives.register import Reader
from archives.retention import frozen_rule
from archives.seen import unseen_parts
from archives.services.entering import hold_open
from archives.services.errors import DossierError, NotReady
from archives.services.restricting import refuse_restricted
from archives.services.steps import take_step
from archives.services.wording import note_words
from archives.template import template_in_force
from archives.vocabulary import RECORD_KIND, Gate, State, Step
from estates.models import User
from estates.numbering import allot_number
from estates.wording import enumeration

BY_ENTRY = frozenset({Step.STARTED, Step.ENTERED, Step.CLASSIFIED, Step.DOCUMENT})


@transaction.atomic
def confirm_by_customer(*, reader: Reader, dossier: DossierPage, how: str, on: date) -> None:
    """Note that the customer went through the present data. A later change asks for it again.

    Raises PermissionDenied, DossierError.
    """
    held = hold_open(reader, dossier)
    if not held.customer.latest:
        raise DossierError(_("还没有录入客户资料，没有可以确认的内容。"))
    if on > timezone.localdate():
        raise DossierError(_("确认日期不能在今天之后。"))
    DossierPage.objects.filter(pk=held.pk).update(confirmed_profile=held.customer.latest)
    held.confirmed_profile = held.customer.latest
    detail = {"how": how, "on": on.isoformat(), "version": held.customer.latest}
    count_gaps(held)
    take_step(reader, held, Step.CONFIRMED, detail=detail)


@transaction.atomic
def submit_dossier(*, reader: Reader, dossier: DossierPage) -> None:
    """Hand it to the archivist, with its gaps if need be: the gates stand before filing, and an exception may be under
    way. Raises PermissionDenied, DossierError."""
    held = hold_open(reader, dossier)
    if not held.customer.latest:
        raise DossierError(_("还没有录入客户资料。"))
    if gate := unanswered_returns([held]).get(held.pk):
        raise DossierError(
            _("退回的原因还没有答复（%(gate)s）。请按原因修改，或在退回原因下面写明答复，然后再提交。")
            % {"gate": Gate(gate).label}
        )
    _to(held, State.SUBMITTED)
    count_gaps(held)
    take_step(reader, held, Step.SUBMITTED)
    propose_duplicates([held.customer_id])


@transaction.atomic
def return_dossier(*, reader: Reader, dossier: DossierPage, gate: str, reason: str) -> None:
    """Refuse it at a gate, with the reason for the one who entered it. Raises PermissionDenied, DossierError."""
    held = _hold_submitted(reader, dossier)
    words = note_words(reason)
    if gate not in Gate.values or not words:
        raise DossierError(_("请选择在哪一关退回，并写明原因。"))
    _to(held, State.RETURNED, verified_profile=0, verified_by=None)
    count_gaps(held)
    take_step(reader, held, Step.RETURNED, gate=gate, words=words)


@transaction.atomic
def answer_return(*, reader: Reader, dossier: DossierPage, answer: str) -> None:
    """Say to the reason of a return what there is to say when nothing is to be changed.

    Raises PermissionDenied, DossierError.
    """
    held = hold_open(reader, dossier)
    words, gate = note_words(answer), unanswered_returns([held]).get(held.pk)
    if not gate:
        raise DossierError(_("没有等答复的退回原因。"))
    if not words:
        raise DossierError(_("请写明答复：改了什么，或为什么不用改。"))
    take_step(reader, held, Step.RETURN_ANSWERED, gate=gate, words=words)
    count_gaps(held)


@transaction.atomic
def verify_dossier(*, reader: Reader, dossier: DossierPage) -> None:
    """The archivist has compared paper and system, for the present version: he opened the data and every document.

    Raises PermissionDenied, DossierError; also for one who entered part of it, or has not seen all of it.
    """
    held = _hold_submitted(reader, dossier)
    _refuse_own_entry(reader.user, held)
    if unseen := unseen_parts(reader.user, held):
        raise DossierError(
            _("还没有查看：%(parts)s。请打开看过、对照纸质件以后再核对。") % {"parts": enumeration(unseen)}
        )
    _to(held, State.SUBMITTED, verified_profile=held.customer.latest, verified_by=reader.user)
    count_gaps(held)
    take_step(reader, held, Step.VERIFIED, detail={"version": held.customer.latest})


@transaction.atomic
def file_dossier(*, reader: Reader, dossier: DossierPage) -> DossierPage:
    """Through all four gates: the dossier gets its number and keeps the template version it was filed under.

    Raises PermissionDenied, DossierError (also when a colleague was quicker), NotReady with what is missing.
    """
    held = _hold_submitted(reader, dossier)
    _refuse_own_entry(reader.user, held)
    if gaps := find_gaps(held):
        raise NotReady(_("还差 %(count)d 项，不能归档。") % {"count": len(gaps)}, gaps)
    number = allot_number(estate=held.estate, kind=RECORD_KIND, record_date=held.record_date, by=reader.user)
    _to(
        held,
        State.FILED,
        number=number,
        template=template_in_force(),
        filed_at=timezone.now(),
        filed_by=reader.user,
        open_gaps=0,
        **frozen_rule(held),
    )
    held.refresh_from_db()
    held.save_revision(user=reader.user, log_action=True, clean=False)
    take_step(reader, held, Step.FILED, detail={"number": number})
    return held


def has_entered(user: User, dossier: DossierPage) -> bool:
    entered = dossier.steps.filter(by=user, step__in=BY_ENTRY).exists()
    return entered or dossier.customer.profiles.filter(made_by=user).exists()


def _refuse_own_entry(user: User, held: DossierPage) -> None:
    if has_entered(user, held):
        raise DossierError(_("您录入过这份档案，核对和归档要由另一位档案管理员来做。"))


def _hold_submitted(reader: Reader, dossier: DossierPage) -> DossierPage:
    held = DossierPage.objects.held(dossier.pk)
    if not policies.may_verify(reader.user, held):
        raise PermissionDenied
    refuse_restricted(held)
    if held.state == State.FILED and held.filed_at:
        raise DossierError(
            _("%(person)s 在 %(time)s 已经归档，编号 %(number)s。")
            % {
                "person": held.filed_by or _("导入的包"),
                "time": date_format(localtime(held.filed_at), "Y-m-d H:i"),
                "number": held.number,
            }
        )
    if held.state != State.SUBMITTED:
        raise DossierError(_("档案是“%(state)s”，不在待审核归档。") % {"state": held.get_state_display()})
    return held


def _to(held: DossierPage, state: str, **facts: object) -> None:
    DossierPage.objects.filter(pk=held.pk).update(state=state, **facts)
    held.state = state
    for name, value in facts.items():
        setattr(held, name, value)
