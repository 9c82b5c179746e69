"""A merge undone: two dossiers again, as they were; what was changed since, or filed, stays with the kept one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archives.gates import count_gaps
from archives.guarded import guarded_codes, is_filed
from archives.life_vocabulary import ProposalState
from archives.models import Customer, DossierPage, Merge, Tenure
from archives.profiles import Profile, opened
from archives.register import Reader
from archives.services.errors import DossierError
from archives.services.merging import hold_both, refuse_strangers, settle, write_merged
from archives.services.restricting import refuse_restricted
from archives.services.steps import take_step
from archives.template import known_items
from archives.vocabulary import DEED, GONE_STATES, State, Step


@transaction.atomic
def undo_merge(*, reader: Reader, merge: Merge) -> list[str]:
    """Set the two apart again, as they were; what was changed since stays with the kept one. Returns the names of those
    items.

    Raises PermissionDenied; DossierError when the home of the other has an owner by now, or it was undone already.
    """
    held, gone = hold_both(merge.keep, merge.other)
    refuse_strangers(reader, held, gone)
    refuse_restricted(held, gone)
    row = Merge.objects.select_for_update().get(pk=merge.pk)
    if row.undone_at or gone.merged_into_id != held.pk:
        raise DossierError(_("这次合并已经撤销了。"))
    if held.state in GONE_STATES:
        raise DossierError(_("保留的档案已经是“%(state)s”，不能撤销这次合并。") % {"state": held.get_state_display()})
    tenure = _tenure_again(row.tenure)
    if tenure:
        Tenure.objects.filter(pk=tenure.pk).update(has_deed_number=DEED in gone.customer.filled)
    kept = _give_values_back(reader, held, row)
    DossierPage.objects.filter(pk=gone.pk).update(state=row.state_before, merged_into=None, tenure=tenure)
    row.undone_at, row.undone_by = timezone.now(), reader.user
    row.save(update_fields=["undone_at", "undone_by"])
    settle(reader, held, gone, ProposalState.PROPOSED)
    for one in (DossierPage.objects.get(pk=pk) for pk in (held.pk, gone.pk)):
        if one.state != State.FILED:
            count_gaps(one)
    take_step(reader, held, Step.UNMERGED, detail={"with": gone.key})
    take_step(reader, gone, Step.UNMERGED, detail={"into": held.key})
    return kept


def _tenure_again(told: Mapping[str, Any] | None) -> Tenure | None:
    if told is None:
        return None
    given = {**told, "unit_id": told["unit"]}
    given.pop("unit")
    if told["kind"] == Tenure.Kind.OWNER:
        owned = Tenure.objects.filter(unit=told["unit"], kind=Tenure.Kind.OWNER)
        taken = owned.filter(opened_on=told["opened_on"]).first()
        if not told["closed_on"]:
            taken = owned.filter(closed_on=None).first() or taken
        if taken:
            dossier = getattr(taken, "dossier", None)
            raise DossierError(
                _("合并以后，%(unit)s又有了业主档案 %(dossier)s。请先处理那一份，再撤销合并；现在什么也没有改。")
                % {"unit": taken.unit, "dossier": dossier.key if dossier else "—"}
            )
    return Tenure.objects.create(**given)


def _give_values_back(reader: Reader, held: DossierPage, row: Merge) -> list[str]:
    """What the merge wrote becomes what it was, unless it was changed again, or filed in the meantime as identity or
    contact; the names of what stays."""
    if row.version_after == row.version_before:
        return []
    customer = Customer.objects.select_for_update().get(pk=held.customer_id)
    held.customer = customer
    known = known_items()
    before, merged, now = (
        _profile_of(customer, number) for number in (row.version_before, row.version_after, customer.latest)
    )
    wrote = {code for code in {*before, *merged} if before.get(code) != merged.get(code)}
    again = {code for code in wrote if now.get(code) != merged.get(code)}
    if is_filed(customer):
        again |= wrote & guarded_codes()
    back = {code: before.get(code, "") for code in wrote - again}
    after = {code: value for code, value in {**now, **back}.items() if value}
    if changed := sorted(code for code in back if now.get(code) != after.get(code)):
        write_merged(reader, held, after, changed)
    return [known[code].words for code in sorted(again) if code in known]


def _profile_of(customer: Customer, number: int) -> Profile:
    """What was held in a version; nothing before the first."""
    version = customer.profiles.select_related("customer").filter(number=number).first()
    return opened(version) if version else {}
