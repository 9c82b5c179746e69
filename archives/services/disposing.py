"""Destroy dossiers whose time is over: a list, two decisions for each, and a run that looks at everything once more.

Decision, hold and term are read again inside the transaction that deletes. After it the stored files go and the
customer's key: then no backup holds anything readable. A run that was cut off goes on where it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from archives import policies
from archives.handover_import import batches_naming
from archives.life_vocabulary import Decision, Disposal
from archives.models import (
    ChangeRequest,
    Contact,
    Customer,
    CustomerToken,
    DeedCorrection,
    DisposalItem,
    DisposalList,
    DossierDocument,
    DossierPage,
    DossierStep,
    DuplicateProposal,
    GateOverride,
    Hold,
    Loan,
    LoanItem,
    Merge,
    PersonRequest,
    ProfileVersion,
)
from archives.register import Reader, note
from archives.retention import due_dossiers, due_on, is_busy, is_held
from archives.services.errors import DossierError
from archives.vocabulary import State, Step
from exchange.importing import forget_batch
from media.services import delete_stored
from vault.data_keys import destroy_many, destroyed_among, retire_keys
from vault.key_copies import refresh_copies
from vault.models.access import Act

if TYPE_CHECKING:
    from estates.models import Estate, User


@transaction.atomic
def prepare_disposal(*, by: User, estate: Estate) -> DisposalList:
    """A list of the estate's dossiers whose time is over. Raises PermissionDenied; DossierError when there is none."""
    if not policies.may_appraise_on(by, estate):
        raise PermissionDenied
    due = list(due_dossiers(estate))
    if not due:
        raise DossierError(_("这个楼盘没有保管期满、可以鉴定的档案。"))
    made = DisposalList.objects.create(estate=estate, made_by=by)
    DisposalItem.objects.bulk_create(
        DisposalItem(disposal=made, dossier=dossier, due_on=day, term=dossier.retention_term) for dossier, day in due
    )
    return made


@transaction.atomic
def decide_items(*, by: User, disposal: DisposalList, decisions: Mapping[int, str]) -> int:
    """Decide on items by their ids: the archivist appraises first, a manager or director approves second. Nobody does
    both for one item, and a first decision changed asks for a second anew. Returns how many were decided.

    Raises PermissionDenied, DossierError.
    """
    row = DisposalList.objects.select_for_update().get(pk=disposal.pk)
    first = policies.may_appraise_on(by, row.estate)
    second = policies.may_approve_disposal_on(by, row.estate)
    if not first and not second:
        raise PermissionDenied
    if not set(decisions.values()) <= set(Decision.values):
        raise DossierError(_("请选择销毁或继续保管。"))
    items = list(row.items.select_for_update().filter(pk__in=decisions, state=Disposal.WAITING).order_by("pk"))
    for item in items:
        _decide(by, item, decisions[item.pk], first=first, second=second)
    return len(items)


def _decide(by: User, item: DisposalItem, decision: str, *, first: bool, second: bool) -> None:
    """Who may do both gives the first where there is none, and never both."""
    if first and item.first_by_id in (None, by.pk):
        item.first, item.first_by, item.first_at = decision, by, timezone.now()
        item.second, item.second_by, item.second_at = "", None, None
    elif second and item.first and item.first_by_id != by.pk:
        item.second, item.second_by, item.second_at = decision, by, timezone.now()
    elif not item.first:
        raise DossierError(_("先由档案管理员鉴定，再由您批准。"))
    else:
        raise DossierError(_("鉴定和批准要由两个人来做。"))
    item.save()


@transaction.atomic
def begin_run(*, reader: Reader, disposal: DisposalList) -> DisposalList:
    """Say that the list is to be carried out. Raises PermissionDenied; DossierError while something is undecided."""
    row = DisposalList.objects.select_for_update().get(pk=disposal.pk)
    if not policies.may_appraise_on(reader.user, row.estate):
        raise PermissionDenied
    undecided = row.items.filter(state=Disposal.WAITING).filter(Q(first="") | Q(second="", first=Decision.DESTROY))
    if count := undecided.count():
        raise DossierError(_("还有 %(n)d 项没有两个人的决定，不能执行。") % {"n": count})
    if row.run_at is None:
        row.run_at, row.run_by = timezone.now(), reader.user
        row.save(update_fields=["run_at", "run_by"])
    return row


def run_disposal(*, reader: Reader, disposal: DisposalList) -> None:
    """Carry the list out, item by item; run again it goes on. Raises what `begin_run` raises."""
    row = begin_run(reader=reader, disposal=disposal)
    for item in row.items.filter(state__in=[Disposal.WAITING, Disposal.DESTROYING]).order_by("pk"):
        dispose_item(reader=reader, item=item)
    refresh_copies()


def finish_disposals() -> int:
    """Destroy files and keys of lists and deletions that were cut off. Returns how many dossiers."""
    left = list(DisposalItem.objects.filter(state=Disposal.DESTROYING).order_by("pk"))
    for item in left:
        _destroy_rest(item)
    requests = list(PersonRequest.objects.exclude(left={}).order_by("pk"))
    for request in requests:
        destroy_outside(request.left)
        PersonRequest.objects.filter(pk=request.pk).update(left={})
    refresh_copies()
    return len(left) + len(requests)


def dispose_item(*, reader: Reader, item: DisposalItem) -> None:
    """One dossier: everything is read again under its lock, then it is destroyed or stays."""
    with transaction.atomic():
        held = DossierPage.objects.held(item.dossier_id)
        row = DisposalItem.objects.select_for_update().get(pk=item.pk)
        if row.state == Disposal.WAITING:
            row.state = _outcome(held, row)
            row.done_at = timezone.now()
            if row.state == Disposal.DESTROYING:
                _delete_rows(reader, held, row)
            row.save()
    if row.state == Disposal.DESTROYING:
        _destroy_rest(row)


def _outcome(held: DossierPage, row: DisposalItem) -> Disposal:
    """Holds beat decisions, and decisions beat terms."""
    if is_held(held):
        return Disposal.HELD
    two = row.first_by_id is not None and row.second_by_id is not None and row.first_by_id != row.second_by_id
    if (row.first, row.second) != (Decision.DESTROY, Decision.DESTROY) or not two:
        return Disposal.KEPT
    day = due_on(held)
    if held.state != State.FILED or day is None or day > timezone.localdate() or is_busy(held):
        return Disposal.NOT_DUE
    return Disposal.DESTROYING


def _delete_rows(reader: Reader, held: DossierPage, row: DisposalItem) -> None:
    """Everything about the customers of the dossier and of those merged into it; what stays says that it was."""
    dossiers = [held, *held.merged_from.select_related("customer")]
    documents = DossierDocument.objects.filter(dossier__in=dossiers).order_by("pk")
    hashes = "\n".join(documents.values_list("sha256", flat=True))
    row.documents = documents.count()
    row.pages = documents.aggregate(pages=Sum("pages"))["pages"] or 0
    row.digest = hashlib.sha256(hashes.encode()).hexdigest()
    row.left = outside_of(dossiers)
    for one in dossiers:
        note(reader, Act.DESTROYED, one, purpose=str(Step.DISPOSED.value), count=row.documents)
    erase_dossiers(dossiers)
    detail = {"list": str(row.disposal), "documents": row.documents}
    DossierStep.objects.create(dossier=held, step=Step.DISPOSED, detail=detail, by=reader.user)


def outside_of(dossiers: list[DossierPage]) -> dict[str, list[Any]]:
    """What of the dossiers lies outside their rows: stored files, keys, and imports whose rows name them."""
    subjects = [one.customer.subject for one in dossiers]
    documents = DossierDocument.objects.filter(dossier__in=dossiers).order_by("pk")
    return {
        "paths": list(documents.values_list("path", flat=True)),
        "subjects": subjects,
        "batches": batches_naming(subjects),
    }


def erase_dossiers(dossiers: list[DossierPage]) -> None:
    """Delete every row that holds something about the dossiers' customers, and blank what was noted in passing."""
    customers = [one.customer_id for one in dossiers]
    ChangeRequest.objects.filter(dossier__in=dossiers).delete()
    LoanItem.objects.filter(loan__dossier__in=dossiers).delete()
    for gone in (Loan, GateOverride, Contact, DossierDocument, DeedCorrection):
        gone.objects.filter(dossier__in=dossiers).delete()
    for noted in (DossierStep, Hold, PersonRequest):
        noted.objects.filter(dossier__in=dossiers).update(sealed_note=b"")
    Merge.objects.filter(Q(keep__in=dossiers) | Q(other__in=dossiers)).update(sealed_note=b"")
    DuplicateProposal.objects.filter(Q(first__in=customers) | Q(second__in=customers)).delete()
    ProfileVersion.objects.filter(customer__in=customers).delete()
    CustomerToken.objects.filter(customer__in=customers).delete()
    Customer.objects.filter(pk__in=customers).update(latest=0, filled=[], unclear={}, is_reachable=False)
    DossierPage.objects.filter(pk__in=[one.pk for one in dossiers]).update(state=State.DISPOSED, shelf_mark="")


def _destroy_rest(row: DisposalItem) -> None:
    destroy_outside(row.left)
    DisposalItem.objects.filter(pk=row.pk).update(state=Disposal.DESTROYED, left={})


def destroy_outside(left: Mapping[str, list[Any]]) -> None:
    """Repeatable: files, the rows of imports that named them, and last the keys, whole or those before a new one."""
    delete_stored(left.get("paths", []))
    for batch in left.get("batches", []):
        forget_batch(batch)
    destroy_many(left.get("subjects", []))
    for subject, ids in left.get("retired", []):
        retire_keys(subject, ids)


def repeat_disposals() -> int:
    """After a backup from before a disposal was restored: customers whose key is destroyed cannot be read, and what the
    database still says of them goes too. Returns how many dossiers."""
    again = 0
    with transaction.atomic():
        held = DossierPage.objects.exclude(state__in=[State.DISPOSED]).select_related("customer").order_by("pk")
        subjects = {dossier.customer.subject: dossier for dossier in held.iterator(chunk_size=500)}
        for subject in sorted(destroyed_among(subjects)):
            paths = list(subjects[subject].documents.values_list("path", flat=True))
            erase_dossiers([subjects[subject]])
            transaction.on_commit(partial(delete_stored, paths))
            again += 1
    return again
