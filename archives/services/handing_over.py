"""When homes are handed over."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction

from archives import policies
from archives.models import Handover

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
