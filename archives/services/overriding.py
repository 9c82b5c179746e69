"""Let a dossier through a gate although one thing is missing: one asks with a reason, a second decides."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archives import policies
from archives.gates import Gap, count_gaps, find_gaps
from archives.models import DossierPage, GateOverride
from archives.register import Reader
from archives.services.errors import DossierError
from archives.services.restricting import refuse_restricted
from archives.services.steps import take_step
from archives.services.wording import note_words
from archives.vocabulary import SETTLED_STATES, Step


@transaction.atomic
def ask_override(*, reader: Reader, dossier: DossierPage, rule: int, reason: str, field: str = "") -> GateOverride:
    """Ask that one missing thing is let through: of the rule the one named by `field`, in the present version. Without
    a field the rule's only one. Raises PermissionDenied, DossierError."""
    held = DossierPage.objects.held(dossier.pk)
    if not (policies.may_enter(reader.user, held) or policies.may_verify(reader.user, held)):
        raise PermissionDenied
    refuse_restricted(held)
    words = note_words(reason)
    if not words:
        raise DossierError(_("请写明为什么可以例外。"))
    missing = _missing(held, rule, field)
    version = held.customer.latest
    if held.overrides.filter(rule=missing.rule, field=missing.field, version=version, decided_at=None).exists():
        raise DossierError(_("这一项已经有人申请例外，正等待批准。"))
    asked = GateOverride(dossier=held, rule=missing.rule, field=missing.field, version=version, asked_by=reader.user)
    asked.seal_note(held.customer.subject, words)
    asked.save()
    take_step(reader, held, Step.OVERRIDE_ASKED, gate=missing.gate)
    return asked


def _missing(held: DossierPage, rule: int, field: str) -> Gap:
    gaps = [] if held.state in SETTLED_STATES else find_gaps(held)
    missing = [gap for gap in gaps if gap.rule and gap.rule.pk == rule and field in ("", gap.field)]
    if not missing or not any(gap.may_be_excepted for gap in missing):
        raise DossierError(_("这一项不需要例外，或不能例外。"))
    if len(missing) > 1:
        raise DossierError(_("例外只对一项有效，请在那一项下面申请。"))
    return missing[0]


@transaction.atomic
def decide_override(*, reader: Reader, override: GateOverride, grant: bool) -> None:
    """A manager who did not ask decides, once, and while the data are those that it was asked for.

    Raises PermissionDenied, DossierError.
    """
    held = DossierPage.objects.held(override.dossier_id)
    if not policies.may_grant_override(reader.user, held):
        raise PermissionDenied
    refuse_restricted(held)
    waiting = GateOverride.objects.select_for_update().select_related("rule").get(pk=override.pk)
    if waiting.decided_at:
        raise DossierError(_("这个申请已经有了决定。"))
    if waiting.asked_by_id == reader.user.pk:
        raise DossierError(_("例外要由另一个人批准，不能批准自己的申请。"))
    if grant and waiting.version != held.customer.latest:
        raise DossierError(_("申请以后资料又改过：例外只对申请时的那一版有效，请重新申请。"))
    waiting.is_granted, waiting.decided_by, waiting.decided_at = grant, reader.user, timezone.now()
    waiting.save(update_fields=["is_granted", "decided_by", "decided_at"])
    step = Step.OVERRIDE_GRANTED if grant else Step.OVERRIDE_REFUSED
    count_gaps(held)
    take_step(reader, held, step, gate=waiting.rule.gate)
