"""How long a dossier is kept: the rule frozen at filing, the day on which its time is over, and what stands against
destroying it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from django.utils import timezone

from archives.life_vocabulary import ChangeState, Term, Trigger
from archives.models import DossierPage, LoanItem, RetentionRule, Tenure
from archives.vocabulary import OUT_STATES, State

if TYPE_CHECKING:
    from estates.models import Estate

YEARS = {Term.YEARS_30: 30, Term.YEARS_10: 10}


class Rule(NamedTuple):
    code: str
    label: str
    label_en: str
    tenure_kind: str
    term: Term
    trigger: Trigger


RULES = (
    Rule("owner", "业主档案", "Owners", Tenure.Kind.OWNER, Term.YEARS_30, Trigger.TENURE_CLOSED),
    Rule("tenant", "租户档案", "Tenants", Tenure.Kind.TENANT, Term.YEARS_10, Trigger.TENURE_CLOSED),
    Rule("other", "其他客户档案", "Others", "", Term.YEARS_30, Trigger.FILED),
)
"""The usual ones, made when there is none at all; staff change them in the admin."""


def retention_rules() -> list[RetentionRule]:
    rules = list(RetentionRule.objects.all())
    if not rules:
        made = [RetentionRule(sort_order=order, **rule._asdict()) for order, rule in enumerate(RULES)]
        RetentionRule.objects.bulk_create(made, ignore_conflicts=True)
        rules = list(RetentionRule.objects.all())
    return rules


def frozen_rule(dossier: DossierPage) -> dict[str, object]:
    """The facts that a dossier keeps of the first active rule that fits it; without one it is kept for good."""
    tenure = dossier.tenure.kind if dossier.tenure else ""
    for rule in retention_rules():
        fits = rule.tenure_kind in ("", tenure) and rule.customer_kind in ("", dossier.customer.kind)
        if rule.is_active and fits:
            return {"retention_rule": rule, "retention_term": rule.term, "retention_trigger": rule.trigger}
    return {"retention_rule": None, "retention_term": Term.PERMANENT, "retention_trigger": Trigger.FILED}


def due_on(dossier: DossierPage) -> date | None:
    """The first day on which it may be destroyed: terms run from 1 January after the event. None while the event has
    not come, and for what is kept for good."""
    years = YEARS.get(Term(dossier.retention_term)) if dossier.retention_term else None
    began = _event_day(dossier)
    return date(began.year + 1 + years, 1, 1) if years and began else None


def _event_day(dossier: DossierPage) -> date | None:
    if dossier.retention_trigger == Trigger.TENURE_CLOSED:
        return dossier.tenure.closed_on if dossier.tenure else None
    return timezone.localdate(dossier.filed_at) if dossier.filed_at else None


def due_dossiers(estate: Estate) -> Iterator[tuple[DossierPage, date]]:
    """Filed dossiers of the estate whose time is over, without an active hold and in no open list."""
    today = timezone.localdate()
    filed = DossierPage.objects.filter(estate=estate, state=State.FILED, retention_term__in=YEARS)
    free = filed.exclude(pk__in=_held_ids(estate)).exclude(disposals__state="waiting")
    for dossier in free.select_related("tenure", "unit", "estate", "customer").order_by("number"):
        day = due_on(dossier)
        if day and day <= today:
            yield dossier, day


def _held_ids(estate: Estate) -> list[int]:
    held = DossierPage.objects.filter(estate=estate, holds__isnull=False, holds__lifted_at=None)
    return list(held.values_list("pk", flat=True))


def is_held(dossier: DossierPage) -> bool:
    """Whether a hold stands on the dossier, or on one that was merged into it."""
    return dossier.holds.filter(lifted_at=None).exists() or any(map(is_held, dossier.merged_from.all()))


def is_busy(dossier: DossierPage) -> bool:
    """Papers are out, or a change or a correction waits to be decided."""
    out = LoanItem.objects.filter(loan__dossier=dossier, loan__state__in=OUT_STATES, back_at=None).exists()
    corrected = dossier.deed_corrections.filter(decided_at=None).exists()
    return out or corrected or dossier.changes.filter(state=ChangeState.ASKED).exists()
