"""Wagtail groups and page permissions, derived from assignments: never edited by hand, always made again."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from estates.models import Assignment, Department, Estate, User
from estates.roles import CUSTOMER_SERVICE, Role

PREFIX = "anjuan:"
GrantPages = Callable[[Group, Role, Estate | None], None]
_granters: list[GrantPages] = []


def register_page_grants(grant: GrantPages) -> None:
    """A package with pages gives each derived group its page permissions."""
    _granters.append(grant)


def group_name(role: Role, estate: Estate | None) -> str:
    return f"{PREFIX}{role}:{estate.code if estate else '*'}"


@transaction.atomic
def derive_groups() -> int:
    """Make every derived group afresh: groups, memberships, page permissions. Returns how many groups stand."""
    wanted = {
        (Role(role), estate_id)
        for role, estate_id in Assignment.objects.filter(role__in=CUSTOMER_SERVICE).values_list("role", "estate_id")
    }
    estates = Estate.objects.in_bulk([pk for _, pk in wanted if pk])
    names = {_derive(role, estates[pk] if pk else None).name for role, pk in wanted}
    Group.objects.filter(name__startswith=PREFIX).exclude(name__in=names).delete()
    return len(names)


@transaction.atomic
def derive_estate_groups(estate: Estate) -> None:
    """The groups of one estate, after its containers were made."""
    roles = Assignment.objects.filter(estate=estate, role__in=CUSTOMER_SERVICE).values_list("role", flat=True)
    for role in set(roles):
        _derive(Role(role), estate)


@transaction.atomic
def assign_role(
    *, user: User, role: Role, department: Department | None = None, estate: Estate | None = None
) -> Assignment:
    """Give the user a role; twice the same is once. The derived groups follow."""
    assignment, _ = Assignment.objects.get_or_create(user=user, role=role, department=department, estate=estate)
    if role in CUSTOMER_SERVICE:
        _derive(role, estate)
    return assignment


def _derive(role: Role, estate: Estate | None) -> Group:
    group, _ = Group.objects.get_or_create(name=group_name(role, estate))
    members = User.objects.filter(assignments__role=role, assignments__estate=estate)
    group.user_set.set(members)
    group.permissions.set(Permission.objects.filter(codename="access_admin"))
    for grant in _granters:
        grant(group, role, estate)
    return group
