"""Holds, which beat every term; and the end of a tenure, from which terms run."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archives import policies
from archives.life_vocabulary import HoldKind
from archives.models import DossierPage, Hold, Tenure
from archives.register import Reader
from archives.services.errors import DossierError
from archives.services.steps import take_step
from archives.services.wording import note_words
from archives.vocabulary import GONE_STATES, Step


@transaction.atomic
def set_hold(*, reader: Reader, dossier: DossierPage, kind: str, reason: str) -> Hold:
    """From now on nothing of the dossier is destroyed, whatever was decided. Raises PermissionDenied, DossierError."""
    held = DossierPage.objects.held(dossier.pk)
    if not policies.may_hold(reader.user, held):
        raise PermissionDenied
    words = note_words(reason)
    if kind not in HoldKind.values or not words:
        raise DossierError(_("请选择为什么暂停销毁，并写明是哪件事。"))
    if held.state in GONE_STATES:
        raise DossierError(_("档案是“%(state)s”，不能暂停销毁。") % {"state": held.get_state_display()})
    hold = Hold(dossier=held, kind=kind, set_by=reader.user)
    hold.seal_note(held.customer.subject, words)
    hold.save()
    take_step(reader, held, Step.HELD, detail={"kind": kind})
    return hold


@transaction.atomic
def lift_hold(*, reader: Reader, hold: Hold) -> None:
    """Raises PermissionDenied, DossierError."""
    held = DossierPage.objects.held(hold.dossier_id)
    if not policies.may_hold(reader.user, held):
        raise PermissionDenied
    row = Hold.objects.select_for_update().get(pk=hold.pk)
    if row.lifted_at:
        raise DossierError(_("这次暂停已经解除了。"))
    row.lifted_at, row.lifted_by = timezone.now(), reader.user
    row.save(update_fields=["lifted_at", "lifted_by"])
    take_step(reader, held, Step.RELEASED, detail={"kind": row.kind})


@transaction.atomic
def end_tenure(*, reader: Reader, dossier: DossierPage, on: date) -> None:
    """The tenant moved out, or the owner is no owner any more without a buyer of ours. Also of a restricted customer:
    without this day the term of what he wanted deleted would never begin. Raises PermissionDenied, DossierError."""
    held = DossierPage.objects.held(dossier.pk)
    if not policies.may_enter(reader.user, held):
        raise PermissionDenied
    if held.tenure is None or held.tenure.closed_on:
        raise DossierError(_("产权期或租期已经结束了。"))
    tenure = Tenure.objects.select_for_update().get(pk=held.tenure_id)
    if not tenure.opened_on < on <= timezone.localdate():
        raise DossierError(_("结束日期要在开始之后、今天之前。"))
    tenure.closed_on = on
    tenure.save(update_fields=["closed_on"])
    take_step(reader, held, Step.TENURE_ENDED, detail={"on": on.isoformat()})
