"""Who reads and keeps the records of customer service around its cases and dossiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from estates.access import reach_of
from estates.roles import CUSTOMER_SERVICE, OVERSIGHT, Role

if TYPE_CHECKING:
    from estates.access import Person
    from estates.models import Estate

KEEPERS = frozenset({Role.EDITOR, Role.MANAGER})
READERS = frozenset({*CUSTOMER_SERVICE, *OVERSIGHT, Role.PROPERTY})


def visible_records(user: Person) -> Q:
    return reach_of(user, READERS).q("estate")


def of_the_company(user: Person) -> Q:
    """Records of no single estate, for whoever reads any."""
    return Q(estate=None) if reach_of(user, READERS) else Q(pk__in=())


def may_keep_any(user: Person) -> bool:
    return bool(reach_of(user, KEEPERS))


def may_keep(user: Person, estate: Estate | None) -> bool:
    reach = reach_of(user, KEEPERS)
    return bool(reach) if estate is None else reach.covers(estate.pk)


def visible_to_any(user: Person) -> bool:
    return bool(reach_of(user, READERS))
