"""When homes are handed over, and the title deeds that follow."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archives import policies
from archives.models import Customer, DossierPage, Handover, Tenure
from archives.profiles import latest_profile
from archives.register import Reader
from archives.services.entering import cleaned, write_profile
from archives.services.errors import DossierError
from archives.services.restricting import refuse_restricted
from archives.services.steps import take_step
from archives.template import known_items
from archives.vocabulary import DEED, GONE_STATES, Step

if TYPE_CHECKING:
    from estates.models import Building, Estate, User


@transaction.atomic
def plan_handover(*, by: User, estate: Estate, building: Building | None, begins_on: date) -> Handover:
    """Set the day, or move it. Raises PermissionDenied."""
    if not policies.may_hand_over_on(by, estate):
        raise PermissionDenied
    planned, _made = Handover.objects.update_or_create(
        estate=estate, building=building, defaults={"begins_on": begins_on, "planned_by": by}
    )
    return planned


@transaction.atomic
def cancel_handover(*, by: User, handover: Handover) -> None:
    """Raises PermissionDenied."""
    if not policies.may_hand_over_on(by, handover.estate):
        raise PermissionDenied
    handover.delete()


@transaction.atomic
def note_deed(*, reader: Reader, dossier: DossierPage, on: date, number: str = "") -> DossierPage:
    """Note the day on which the title deed was done, and its number once it is known: it comes from us, not from the
    customer, so a filed dossier takes it without a change request.

    Raises PermissionDenied, DossierError, and what `vault.sealing` raises.
    """
    held = DossierPage.objects.held(dossier.pk)
    if not policies.may_enter(reader.user, held):
        raise PermissionDenied
    refuse_restricted(held)
    tenure = held.tenure
    if held.state in GONE_STATES or tenure is None or tenure.kind != Tenure.Kind.OWNER:
        raise DossierError(_("只有业主的档案登记产权证。"))
    if not tenure.opened_on <= on <= timezone.localdate():
        raise DossierError(_("办证日期要在签约之后、今天之前。"))
    known = known_items()
    if DEED not in known:
        raise DossierError(_("档案模板里没有“产权证号”（deed_number）这一项，请先加上。"))
    tenure.deed_on = on
    tenure.save(update_fields=["deed_on"])
    customer = Customer.objects.select_for_update().get(pk=held.customer_id)
    before = latest_profile(customer)
    text = cleaned(known[DEED], number)
    if text and before.get(DEED) != text:
        _write_deed(reader, held, customer, {**before, DEED: text})
    take_step(reader, held, Step.DEED, detail={"on": on.isoformat(), "number": bool(text)})
    return held


def _write_deed(reader: Reader, held: DossierPage, customer: Customer, after: dict[str, str | list[str]]) -> None:
    """What was confirmed and checked before stays so: only the number is new."""
    before = customer.latest
    write_profile(customer, after, [DEED], known_items(), reader.user)
    for fact in ("confirmed_profile", "verified_profile"):
        if getattr(held, fact) == before:
            DossierPage.objects.filter(pk=held.pk).update(**{fact: customer.latest})
