"""Who may: what a user's assignments reach. Every rule of the product asks here and nowhere else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, TypeAlias

from django.db.models import Q

from estates.roles import CONFIRMS_FOR

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from estates.models import Department, User

Person: TypeAlias = "User | AnonymousUser"
CACHE = "_anjuan_grants"


@dataclass(frozen=True, slots=True)
class Grant:
    """`employer` is the kind of the department that the person belongs to in this role; empty for none."""

    role: str
    department_id: int | None
    estate_id: int | None
    employer: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """Estates within reach: all of them, or the named ones; false when there are none."""

    everywhere: bool
    estate_ids: frozenset[int]

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.estate_ids)

    def covers(self, estate_id: int) -> bool:
        return self.everywhere or estate_id in self.estate_ids

    def q(self, field: str) -> Q:
        """A condition that holds for rows whose `field` (an estate id) is within reach.

        Never an empty Q: `Q() | x` is x, and everything would become x.
        """
        return Q(**{f"{field}__isnull": False}) if self.everywhere else Q(**{f"{field}__in": self.estate_ids})


def either(conditions: Iterable[Q]) -> Q:
    """Rows for which one of the conditions holds; without conditions no row."""
    return reduce(or_, conditions, Q()) or Q(pk__in=())


EVERYWHERE = Reach(True, frozenset())


def grants_of(user: Person) -> tuple[Grant, ...]:
    """The user's assignments, read once per user object (that is, once per request)."""
    if not user.is_authenticated or not user.is_active:
        return ()
    cached: tuple[Grant, ...] | None = getattr(user, CACHE, None)
    if cached is None:
        rows = user.assignments.values_list("role", "department_id", "estate_id", "department__kind")
        cached = tuple(Grant(role, department, estate, kind or "") for role, department, estate, kind in rows)
        setattr(user, CACHE, cached)
    return cached


def forget_grants(user: Person) -> None:
    """After an assignment changed, so that the same user object sees it."""
    user.__dict__.pop(CACHE, None)


def reach_of(user: Person, roles: Collection[str]) -> Reach:
    """The estates on which the user holds any of the roles. A superuser reaches everything."""
    if user.is_authenticated and user.is_active and user.is_superuser:
        return EVERYWHERE
    return _reach(grant for grant in grants_of(user) if grant.role in roles)


def reach_for_department(user: Person, department: Department) -> Reach:
    """The estates on which the user speaks for the department. Superusers speak for none."""
    return _reach(
        grant
        for grant in grants_of(user)
        if CONFIRMS_FOR.get(grant.role) == department.kind and grant.department_id in (None, department.pk)
    )


def _reach(grants: Iterable[Grant]) -> Reach:
    estates = {grant.estate_id for grant in grants}
    if None in estates:
        return EVERYWHERE
    return Reach(False, frozenset(pk for pk in estates if pk is not None))
