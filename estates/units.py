"""Units by what staff write."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from estates.models import Building, Estate, Unit
from estates.unit_codes import NO_ENTRANCE, UnitCode, UnitCodeError, fold, in_digits, parse_unit

SUGGESTED = 12


@transaction.atomic
def unit_named(estate: Estate, code: UnitCode) -> Unit:
    """The unit of that code. One that the estate's list does not know yet is entered as not registered."""
    found = Unit.objects.filter(estate=estate, code=str(code)).first()
    if found:
        return found
    if code.entrance == NO_ENTRANCE and (only := _only_entrance(estate, code)):
        return only
    building, _ = Building.objects.get_or_create(estate=estate, code=code.building)
    unit, _ = Unit.objects.get_or_create(
        estate=estate, code=str(code), defaults={"building": building, "is_registered": False}
    )
    return unit


def _only_entrance(estate: Estate, code: UnitCode) -> Unit | None:
    """`3栋1201` where building 3 has just one such room, whatever its entrance."""
    rooms = list(Unit.objects.filter(estate=estate, building__code=code.building, code__endswith=f"-{code.room}")[:2])
    return rooms[0] if len(rooms) == 1 else None


def suggest_units(text: str, units: QuerySet[Unit]) -> QuerySet[Unit]:
    """Those of the units that the text may be the beginning of, in any spelling."""
    try:
        code = parse_unit(text)
    except UnitCodeError:
        begun = "".join(char if char.isalnum() and char.isascii() else "-" for char in in_digits(fold(text))).strip("-")
        return units.filter(code__startswith="-".join(p for p in begun.split("-") if p))[:SUGGESTED]
    if code.entrance == NO_ENTRANCE:
        return units.filter(building__code=code.building, code__endswith=f"-{code.room}")[:SUGGESTED]
    return units.filter(code=str(code))[:SUGGESTED]
