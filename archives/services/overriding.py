"""Let a dossier through a gate although a rule is not met: one asks with a reason, a second decides."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archives import policies
from archives.gates import count_gaps, find_gaps
from archives.models import DossierPage, GateOverride
from archives.register import Reader
from archives.services.errors import DossierError
from archives.services.restricting import refuse_restricted
from archives.services.steps import take_step
from archives.services.wording import note_words
from archives.vocabulary import SETTLED_STATES, RuleKind, Step

NEVER = frozenset({RuleKind.VERIFIED})
"""The archivist's check is never left out."""


@transaction.atomic
def ask_override(*, reader: Reader, dossier: DossierPage, rule: int, reason: str) -> GateOverride:
    """Ask that the dossier passes although this rule is not met. Raises PermissionDenied, DossierError."""
    held = DossierPage.objects.held(dossier.pk)
    if not (policies.may_enter(reader.user, held) or policies.may_verify(reader.user, held)):
        raise PermissionDenied
    refuse_restricted(held)
    words = note_words(reason)
    if not words:
        raise DossierError(_("请写明为什么可以例外。"))
    missing = next((gap.rule for gap in find_gaps(held) if gap.rule.pk == rule), None)
    if held.state in SETTLED_STATES or missing is None or missing.kind in NEVER:
        raise DossierError(_("这一项不需要例外，或不能例外。"))
    if held.overrides.filter(rule=missing, decided_at=None).exists():
        raise DossierError(_("这一项已经有人申请例外，正等待批准。"))
    asked = GateOverride(dossier=held, rule=missing, asked_by=reader.user)
    asked.seal_note(held.customer.subject, words)
    asked.save()
    take_step(reader, held, Step.OVERRIDE_ASKED, gate=missing.gate)
    return asked


@transaction.atomic
def decide_override(*, reader: Reader, override: GateOverride, grant: bool) -> None:
    """A manager who did not ask decides, once. Raises PermissionDenied, DossierError."""
    held = DossierPage.objects.held(override.dossier_id)
    if not policies.may_grant_override(reader.user, held):
        raise PermissionDenied
    refuse_restricted(held)
    waiting = GateOverride.objects.select_for_update().select_related("rule").get(pk=override.pk)
    if waiting.decided_at:
        raise DossierError(_("这个申请已经有了决定。"))
    if waiting.asked_by_id == reader.user.pk:
        raise DossierError(_("例外要由另一个人批准，不能批准自己的申请。"))
    waiting.is_granted, waiting.decided_by, waiting.decided_at = grant, reader.user, timezone.now()
    waiting.save(update_fields=["is_granted", "decided_by", "decided_at"])
    step = Step.OVERRIDE_GRANTED if grant else Step.OVERRIDE_REFUSED
    count_gaps(held)
    take_step(reader, held, step, gate=waiting.rule.gate)
