"""Two dossiers of one customer become one, by a person who saw both; and apart again.

Into a filed dossier goes what is neither identity nor contact; those stay as they were filed (`archives.guarded`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archives import policies
from archives.gates import count_gaps
from archives.guarded import filed_words, guarded_codes, is_filed
from archives.items import identity_key, name_key
from archives.life_vocabulary import ChangeState, ProposalState
from archives.models import Customer, DossierPage, DuplicateProposal, LoanItem, Merge
from archives.profiles import Profile, latest_profile
from archives.register import Reader, data_part, note
from archives.services.entering import write_profile
from archives.services.errors import DossierError
from archives.services.restricting import refuse_restricted, refuse_without_consent, restricted_words
from archives.services.steps import take_step
from archives.services.wording import note_words
from archives.template import known_items
from archives.vocabulary import GONE_STATES, IDENTITY, NAME, OUT_STATES, LoanState, State, Step
from estates.wording import enumeration
from vault.models.access import Act

if TYPE_CHECKING:
    from datetime import datetime

    from archives.items import Value
    from archives.models import TemplateItem

BUSY_LOANS = (LoanState.ASKED, LoanState.DIRECTOR, *OUT_STATES)


@dataclass(frozen=True, slots=True)
class Side:
    """What one dossier says of an item: the value, and when it was last written."""

    value: Value
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Compared:
    """An item of which at least one side says something. `is_kept`: it is filed, and the kept side stays."""

    item: TemplateItem
    keep: Side
    other: Side
    is_kept: bool = False

    @property
    def differs(self) -> bool:
        return bool(self.keep.value and self.other.value and self.keep.value != self.other.value)

    @property
    def only_other(self) -> bool:
        return bool(self.other.value and not self.keep.value and not self.is_kept)


def compare_dossiers(*, reader: Reader, keep: DossierPage, other: DossierPage) -> list[Compared]:
    """Both sides of every item, in the clear, for those who may merge them; a line for each dossier.

    Raises PermissionDenied, and what `vault.sealing` raises.
    """
    refuse_strangers(reader, keep, other)
    refuse_restricted(keep, other)
    sides = [(latest_profile(one.customer), _written(one.customer)) for one in (keep, other)]
    (mine, mine_since), (theirs, theirs_since) = sides
    for dossier, profile in ((keep, mine), (other, theirs)):
        note(reader, Act.REVEALED, dossier, purpose=str(Step.MERGED.value), count=len(profile), part=data_part(dossier))
    kept = guarded_codes() if is_filed(keep.customer) else frozenset()
    return [
        Compared(
            item,
            Side(mine.get(code, ""), mine_since.get(code)),
            Side(theirs.get(code, ""), theirs_since.get(code)),
            code in kept,
        )
        for code, item in known_items().items()
        if code in mine or code in theirs
    ]


def _written(customer: Customer) -> dict[str, datetime]:
    """When each item was last changed."""
    versions = customer.profiles.order_by("number").values_list("changed", "made_at")
    return {code: at for changed, at in versions for code in changed}


def refuse_strangers(reader: Reader, keep: DossierPage, other: DossierPage) -> None:
    if not all(policies.may_merge(reader.user, one) for one in (keep, other)):
        raise PermissionDenied


@transaction.atomic
def merge_dossiers(
    *, reader: Reader, keep: DossierPage, other: DossierPage, chosen: Mapping[str, str], reason: str
) -> Merge:
    """Take `other` into `keep`: of the items in `chosen`, `other` says whose value stays. The other's papers, talks and
    history are shown with the kept one; its tenure goes, its address leads on.

    Raises PermissionDenied; DossierError while one of them is not to be merged, and where identity or contact of a
    filed dossier would change.
    """
    held, gone = hold_both(keep, other)
    refuse_strangers(reader, held, gone)
    words = note_words(reason)
    if not words:
        raise DossierError(_("请写明为什么是同一位客户。"))
    if obstacle := obstacle_to(held, gone):
        raise DossierError(obstacle)
    merge = Merge(keep=held, other=gone, state_before=gone.state, tenure=_tenure_of(gone), made_by=reader.user)
    merge.seal_note(held.customer.subject, words)
    merge.version_before, merge.version_after = _take_values(reader, held, gone, chosen)
    merge.save()
    tenure = gone.tenure
    DossierPage.objects.filter(pk=gone.pk).update(state=State.MERGED, merged_into=held, tenure=None, open_gaps=0)
    if tenure:
        tenure.delete()
    settle(reader, held, gone, ProposalState.MERGED)
    if held.state != State.FILED:
        count_gaps(held)
    take_step(reader, held, Step.MERGED, detail={"with": gone.key}, words=words)
    take_step(reader, gone, Step.MERGED, detail={"into": held.key})
    return merge


def obstacle_to(keep: DossierPage, other: DossierPage) -> str:
    """Why the two cannot be merged in this direction now; empty when they can."""
    return next(_obstacles(keep, other), "")


def _obstacles(keep: DossierPage, other: DossierPage) -> Iterator[str]:
    if keep.pk == other.pk or {keep.state, other.state} & GONE_STATES:
        yield _("其中一份已撤销、已并入别处或已销毁，不能合并。")
    if policies.is_restricted(keep) or policies.is_restricted(other):
        yield restricted_words()
    if keep.customer.kind != other.customer.kind:
        yield _("一份是个人、一份是企业，不能合并。")
    if other.state == State.FILED and keep.state != State.FILED:
        yield _("另一份已经归档：请保留已归档的那一份。")
    if State.SUBMITTED in (keep.state, other.state):
        yield _("其中一份正在等审核归档，请先归档或退回。")
    if (
        other.changes.filter(state=ChangeState.ASKED).exists()
        or other.deed_corrections.filter(decided_at=None).exists()
    ):
        yield _("要并入的档案有资料变更在等审批，请先处理。")
    if LoanItem.objects.filter(loan__dossier=other, loan__state__in=BUSY_LOANS, back_at=None).exists():
        yield _("要并入的档案有文件借出或在申请借阅，请先处理。")
    if other.merged_from.exists():
        yield _("要并入的档案里已并入了别的档案：请保留它，或先撤销那次合并。")


def hold_both(keep: DossierPage, other: DossierPage) -> tuple[DossierPage, DossierPage]:
    """Both rows, locked in the order of their ids."""
    rows = {pk: DossierPage.objects.held(pk) for pk in sorted({keep.pk, other.pk})}
    return rows[keep.pk], rows[other.pk]


def _tenure_of(dossier: DossierPage) -> dict[str, Any] | None:
    tenure = dossier.tenure
    if tenure is None:
        return None
    days = {name: getattr(tenure, name) for name in ("opened_on", "closed_on", "handover_on", "deed_on")}
    told = {name: day.isoformat() if day else None for name, day in days.items()}
    return {"unit": tenure.unit_id, "kind": tenure.kind, **told}


def _take_values(reader: Reader, held: DossierPage, gone: DossierPage, chosen: Mapping[str, str]) -> tuple[int, int]:
    """Write what was chosen as a new version of the kept profile; its number before and after."""
    customers = Customer.objects.select_for_update().filter(pk__in=[held.customer_id, gone.customer_id]).order_by("pk")
    by_pk = {customer.pk: customer for customer in customers}
    customer = by_pk[held.customer_id]
    before, theirs = latest_profile(customer), latest_profile(by_pk[gone.customer_id])
    if gone.state == State.FILED:
        _refuse_two_people(before, theirs)
    taken = {code: theirs[code] for code, side in chosen.items() if side == "other" and code in theirs}
    taken |= {code: value for code, value in theirs.items() if code not in before and chosen.get(code) != "keep"}
    if is_filed(customer):
        taken = _without_guarded(before, taken, chosen)
    changed = sorted(code for code, value in taken.items() if before.get(code) != value)
    held.customer = customer
    refuse_without_consent(held, changed)
    if not changed:
        return customer.latest, customer.latest
    number = customer.latest
    write_merged(reader, held, {**before, **taken}, changed)
    return number, customer.latest


def _refuse_two_people(mine: Profile, theirs: Profile) -> None:
    """Of two filed dossiers neither identity is given up by one person."""
    keys = {NAME: name_key, IDENTITY: identity_key}
    if any(key(str(mine.get(code, ""))) != key(str(theirs.get(code, ""))) for code, key in keys.items()):
        known = known_items()
        named = enumeration(known[code].words for code in keys)
        raise DossierError(
            _("两份都已归档，而%(items)s不一样：请先凭变更登记表更正其中一份，再合并。") % {"items": named}
        )


def _without_guarded(before: Profile, taken: Profile, chosen: Mapping[str, str]) -> Profile:
    """Raises DossierError when somebody chose the other side of what is filed."""
    guarded = guarded_codes()
    wanted = [code for code in taken if code in guarded and chosen.get(code) == "other"]
    if differing := [code for code in wanted if before.get(code) != taken[code]]:
        raise DossierError(_("没有合并。") + filed_words(differing))
    return {code: value for code, value in taken.items() if code not in guarded}


def write_merged(reader: Reader, held: DossierPage, profile: Profile, changed: list[str]) -> None:
    """A new version, made by an archivist who saw both sides: what was confirmed of a filed dossier stays confirmed."""
    customer = held.customer
    version = write_profile(customer, profile, changed, known_items(), reader.user)
    if held.state == State.FILED:
        DossierPage.objects.filter(pk=held.pk).update(confirmed_profile=version.number, verified_profile=version.number)
    detail = {"items": changed, "version": version.number}
    take_step(reader, held, Step.ENTERED, detail=detail, count=len(changed))


def settle(reader: Reader, held: DossierPage, gone: DossierPage, state: str) -> None:
    first, second = sorted((held.customer_id, gone.customer_id))
    DuplicateProposal.objects.update_or_create(
        first_id=first,
        second_id=second,
        defaults={"state": state, "decided_by": reader.user, "decided_at": timezone.now()},
    )


@transaction.atomic
def decide_proposal(
    *, reader: Reader, proposal: DuplicateProposal, state: str, dossiers: tuple[DossierPage, ...]
) -> None:
    """Say that the two are different people, or one with two dossiers: it is not proposed again.

    Raises PermissionDenied, DossierError.
    """
    if not all(policies.may_merge(reader.user, one) for one in dossiers):
        raise PermissionDenied
    if state not in (ProposalState.DISTINCT, ProposalState.SAME):
        raise DossierError(_("请选择：不是同一人，或同一人有两份档案。"))
    row = DuplicateProposal.objects.select_for_update().get(pk=proposal.pk)
    row.state, row.decided_by, row.decided_at = state, reader.user, timezone.now()
    row.save(update_fields=["state", "decided_by", "decided_at"])
