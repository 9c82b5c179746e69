"""A pack is signed off when every item is accepted; from then on nothing in it changes. A stage closes after that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.log_actions import log

from casebook import policies
from casebook.models import Condition, PackItem, ProjectStage, ReviewPack, SignOff
from casebook.services.errors import CaseError
from casebook.services.holding import hold_pack
from casebook.services.wording import impersonal_words
from casebook.vocabulary import ItemState, PackState, Verdict
from estates.access import reach_of
from estates.models import User
from estates.roles import Role
from estates.wording import enumeration

LONGEST_REMARK, LONGEST_DEMAND = 500, 300


@dataclass(frozen=True, slots=True)
class Demand:
    """What still has to be done for an item after a conditional sign-off, and by when."""

    text: str
    due_on: date


@transaction.atomic
def sign_pack(*, by: User, pack: ReviewPack, remark: str = "", demands: Mapping[int, Demand] | None = None) -> SignOff:
    """Sign the pack off. `demands` by the id of the item: one for each item that was accepted as not avoided.

    Raises PermissionDenied, and CaseError where an item is open, sent back or unchecked, or a demand is missing.
    """
    held = hold_pack(pack, by)
    if held.state != PackState.HANDED_OVER:
        raise CaseError(_("审查包不在审查中，不能签认。"))
    items = sorted(held.items.select_for_update().order_by("pk"), key=attrgetter("position"))
    given = {
        pk: Demand(impersonal_words(demand.text, LONGEST_DEMAND), demand.due_on)
        for pk, demand in (demands or {}).items()
        if demand.text.strip()
    }
    _refuse_blocked(items, given)
    held.state = PackState.SIGNED
    held.save(update_fields=["state"])
    known = {item.pk for item in items}
    kept = {pk: demand for pk, demand in sorted(given.items()) if pk in known}
    sign_off = SignOff(
        pack=held, remark=impersonal_words(remark, LONGEST_REMARK), digest=_digest(held, kept), signed_by=by
    )
    sign_off.save()
    Condition.objects.bulk_create(
        [
            Condition(sign_off=sign_off, item_id=pk, demand=demand.text, due_on=demand.due_on)
            for pk, demand in kept.items()
        ]
    )
    log(held, "casebook.pack_signed", user=by, data={"conditions": len(kept)})
    return sign_off


def _refuse_blocked(items: list[PackItem], demands: Mapping[int, Demand]) -> None:
    waiting = {state: sum(item.state == state for item in items) for state in ItemState}
    said = [
        ngettext("%(n)d 条待回答", "%(n)d 条待回答", waiting[ItemState.OPEN]) % {"n": waiting[ItemState.OPEN]},
        ngettext("%(n)d 条退回未答", "%(n)d 条退回未答", waiting[ItemState.SENT_BACK])
        % {"n": waiting[ItemState.SENT_BACK]},
        ngettext("%(n)d 条待核对", "%(n)d 条待核对", waiting[ItemState.ANSWERED]) % {"n": waiting[ItemState.ANSWERED]},
    ]
    counts = (waiting[ItemState.OPEN], waiting[ItemState.SENT_BACK], waiting[ItemState.ANSWERED])
    if any(counts):
        still = enumeration(words for words, count in zip(said, counts, strict=True) if count)
        raise CaseError(_("还不能签认：%(still)s。") % {"still": still})
    missing = [item.position for item in items if item.verdict == Verdict.NOT_AVOIDED and item.pk not in demands]
    if missing:
        places = enumeration(missing)
        raise CaseError(_("第 %(places)s 条未规避。请写明要求和期限，作附带条件签认。") % {"places": places})
    late = [demand for demand in demands.values() if demand.due_on < timezone.localdate()]
    if late:
        raise CaseError(_("附带条件的期限不能早于今天。"))


def digest_of(pack: ReviewPack) -> str:
    """SHA-256 of what a signed pack asked, answered, checked and demanded, in order: a later change anywhere shows."""
    rows = Condition.objects.filter(sign_off__pack=pack).order_by("item")
    return _digest(pack, {row.item_id: Demand(row.demand, row.due_on) for row in rows})


def _digest(pack: ReviewPack, demands: Mapping[int, Demand]) -> str:
    conditions = [[pk, demand.text, demand.due_on.isoformat()] for pk, demand in sorted(demands.items())]
    told = [
        [
            item.position,
            item.case_id,
            item.version,
            item.shown,
            [
                [
                    *(answer.sequence, answer.verdict, answer.drawing_number, answer.drawing_revision, answer.page),
                    *(answer.pin_x, answer.pin_y, answer.note, answer.answered_by_id, answer.link_id),
                    answer.attachment.sha256 if answer.attachment else "",
                    answer.answered_at.isoformat(timespec="milliseconds"),
                    *_check_told(answer),
                ]
                for answer in item.given.all()
            ],
        ]
        for item in pack.items.prefetch_related("given__check_made", "given__attachment").order_by("position")
    ]
    written = json.dumps([pack.pk, pack.round, told, conditions], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def _check_told(answer: object) -> list[object]:
    made = getattr(answer, "check_made", None)
    return [made.accepted, made.remark, made.checked_by_id] if made else []


@transaction.atomic
def meet_condition(*, by: User, condition: Condition, note: str) -> Condition:
    """Note that what was demanded has been done, and how it was seen. Raises PermissionDenied, CaseError."""
    held = Condition.objects.select_for_update().get(pk=condition.pk)
    if not policies.may_manage_on(by, held.sign_off.pack.stage.project.estate):
        raise PermissionDenied
    if held.met_at:
        raise CaseError(_("这个条件已经确认完成。"))
    note = impersonal_words(note, LONGEST_DEMAND)
    if not note:
        raise CaseError(_("请写明怎样确认已经完成。"))
    held.met_by, held.met_at, held.met_note = by, timezone.now(), note
    held.save(update_fields=["met_by", "met_at", "met_note"])
    log(held.sign_off.pack, "casebook.condition_met", user=by, data={"item": held.item_id})
    return held


def open_conditions(user: User) -> QuerySet[Condition]:
    """What was demanded at a sign-off and is not done yet, on the estates that the user manages."""
    estates = reach_of(user, {Role.MANAGER}).q("sign_off__pack__stage__project__estate")
    rows = Condition.objects.filter(estates, met_at=None)
    return rows.select_related("item", "sign_off__pack__stage__project__estate").order_by("due_on")


@transaction.atomic
def close_stage(*, by: User, stage: ProjectStage) -> ProjectStage:
    """End a stage. Raises PermissionDenied, and CaseError where its review is missing, unfinished or overdue."""
    held = ProjectStage.objects.select_for_update().select_related("project__estate").get(pk=stage.pk)
    if not policies.may_manage_on(by, held.project.estate):
        raise PermissionDenied
    if held.closed_at:
        raise CaseError(_("这个阶段已经结束。"))
    packs = held.packs.all()
    if packs.exclude(state=PackState.SIGNED).exists():
        raise CaseError(_("还有审查包没有签认，阶段不能结束。"))
    if held.demands_review and not packs.exists():
        raise CaseError(_("这个阶段结束前须完成经验审查，请先建审查包。"))
    overdue = Condition.objects.filter(sign_off__pack__in=packs, met_at=None, due_on__lt=timezone.localdate())
    if overdue.exists():
        raise CaseError(_("有附带条件已超期，确认完成后阶段才能结束。"))
    held.closed_at, held.closed_by = timezone.now(), by
    held.save(update_fields=["closed_at", "closed_by"])
    log(held.project, "casebook.stage_closed", user=by, data={"stage": held.kind})
    return held
