"""Title deeds: noted once by whoever learns of them; what was filled of a filed dossier is corrected by two people."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archives import policies
from archives.guarded import Warrant
from archives.models import Customer, DeedCorrection, DeedNumbers, DossierPage, Tenure
from archives.profiles import latest_profile
from archives.register import Reader
from archives.services.entering import fitting_value, write_profile
from archives.services.errors import DossierError
from archives.services.restricting import refuse_restricted
from archives.services.steps import take_step
from archives.template import known_items
from archives.vocabulary import DEED, GONE_STATES, State, Step

if TYPE_CHECKING:
    from archives.profiles import Profile
    from estates.models import User


@transaction.atomic
def note_deed(*, reader: Reader, dossier: DossierPage, on: date, number: str = "") -> DeedCorrection | None:
    """Note the day on which the title deed was done, and its number once it is known: it comes from us, not from the
    customer, so a filed dossier takes it without a change request. What a filed one says already is not overwritten:
    the correction that is returned waits for another person. None when it was written, or says nothing new.

    Raises PermissionDenied, DossierError, and what `vault.sealing` raises.
    """
    held = DossierPage.objects.held(dossier.pk)
    if not policies.may_enter(reader.user, held):
        raise PermissionDenied
    refuse_restricted(held)
    tenure = _tenure_of(held, on)
    customer = Customer.objects.select_for_update().get(pk=held.customer_id)
    held.customer = customer
    profile = latest_profile(customer)
    numbers = DeedNumbers(_deed_in(profile), str(fitting_value(known_items()[DEED], number)))
    changes_number = bool(numbers.after) and numbers.after != numbers.before
    if on == tenure.deed_on and not changes_number:
        return None
    overwrites = (changes_number and bool(numbers.before)) or tenure.deed_on not in (None, on)
    if held.state == State.FILED and overwrites:
        return _ask(reader, held, tenure, on, numbers)
    _write(reader, held, profile, on, numbers.after if changes_number else "", by=reader.user)
    return None


def _deed_in(profile: Profile) -> str:
    return str(profile.get(DEED, ""))


def _tenure_of(held: DossierPage, on: date) -> Tenure:
    tenure = held.tenure
    if held.state in GONE_STATES or tenure is None or tenure.kind != Tenure.Kind.OWNER:
        raise DossierError(_("只有业主的档案登记产权证。"))
    if not tenure.opened_on <= on <= timezone.localdate():
        raise DossierError(_("办证日期要在签约之后、今天之前。"))
    if DEED not in known_items():
        raise DossierError(_("档案模板里没有“产权证号”（deed_number）这一项，请先加上。"))
    return tenure


def _ask(reader: Reader, held: DossierPage, tenure: Tenure, on: date, numbers: DeedNumbers) -> DeedCorrection:
    if held.deed_corrections.filter(decided_at=None).exists():
        raise DossierError(_("已经有一次产权证更正在等另一位同事批准，请先处理。"))
    row = DeedCorrection(dossier=held, before_on=tenure.deed_on, after_on=on, asked_by=reader.user)
    row.seal_numbers(held.customer.subject, DeedNumbers(numbers.before, numbers.after or numbers.before))
    row.save()
    take_step(reader, held, Step.DEED_ASKED)
    return row


def _write(
    reader: Reader,
    held: DossierPage,
    profile: Profile,
    on: date,
    number: str,
    *,
    by: User,
    warrant: Warrant | None = None,
) -> None:
    """The day on the tenure and, where there is one, the number in the profile; the step tells what was before."""
    tenure = held.tenure
    if tenure is None:
        raise TypeError(tenure)
    was, tenure.deed_on = tenure.deed_on, on
    tenure.save(update_fields=["deed_on"])
    detail: dict[str, object] = {"on": on.isoformat(), "number": bool(number or _deed_in(profile))}
    if was and was != on:
        detail["was"] = was.isoformat()
    if number:
        detail["version"] = _write_number(held, {**profile, DEED: number}, by, warrant)
    take_step(reader, held, Step.DEED, detail=detail)


def _write_number(held: DossierPage, after: Profile, by: User, warrant: Warrant | None) -> int:
    """What the customer confirmed stays confirmed: only the number is new. What the archivist checked stays so once the
    dossier is filed; before that he checks again."""
    customer = held.customer
    before = customer.latest
    write_profile(customer, after, [DEED], known_items(), by, warrant=warrant)
    facts = ("confirmed_profile", "verified_profile") if held.state == State.FILED else ("confirmed_profile",)
    for fact in facts:
        if getattr(held, fact) == before:
            DossierPage.objects.filter(pk=held.pk).update(**{fact: customer.latest})
    return customer.latest


@transaction.atomic
def decide_deed(*, reader: Reader, correction: DeedCorrection, grant: bool) -> DeedCorrection:
    """A manager or archivist who did not ask makes the correction, or leaves the deed as it is.

    Raises PermissionDenied; DossierError also when the deed was changed since it was asked.
    """
    held = DossierPage.objects.held(correction.dossier_id)
    if not policies.may_approve_change(reader.user, held):
        raise PermissionDenied
    row = held.deed_corrections.select_for_update(of=("self",)).select_related("asked_by").get(pk=correction.pk)
    if row.decided_at:
        raise DossierError(_("这次更正已经有了决定。"))
    if row.asked_by_id == reader.user.pk:
        raise DossierError(_("更正要由另一位同事批准，不能批准自己申请的。"))
    if grant:
        refuse_restricted(held)
        _correct(reader, held, row)
    else:
        take_step(reader, held, Step.DEED_REFUSED)
    row.is_granted, row.decided_by, row.decided_at = grant, reader.user, timezone.now()
    row.save(update_fields=["is_granted", "decided_by", "decided_at"])
    return row


def _correct(reader: Reader, held: DossierPage, row: DeedCorrection) -> None:
    tenure = _tenure_of(held, row.after_on)
    customer = Customer.objects.select_for_update().get(pk=held.customer_id)
    held.customer = customer
    profile, numbers = latest_profile(customer), row.numbers(customer.subject)
    if held.state != State.FILED or (_deed_in(profile), tenure.deed_on) != (numbers.before, row.before_on):
        raise DossierError(_("申请以后产权证又改过：请不同意这一次，对照现在的内容重新申请。"))
    warrant = Warrant(row.asked_by_id, reader.user.pk, [DEED])
    number = numbers.after if numbers.after != numbers.before else ""
    _write(reader, held, profile, row.after_on, number, by=row.asked_by, warrant=warrant)
