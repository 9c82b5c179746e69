"""Who speaks for a department, and which departments a person speaks for."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from estates.access import Person, grants_of
from estates.models import Assignment, Department, Estate, User
from estates.roles import CONFIRMS_FOR


def members_of(department: Department, estate: Estate) -> QuerySet[User]:
    """Active users who may confirm or object for the department on that estate."""
    roles = [role for role, kind in CONFIRMS_FOR.items() if kind == department.kind]
    held = Assignment.objects.filter(
        Q(department=department) | Q(department=None), Q(estate=estate) | Q(estate=None), role__in=roles
    )
    return User.objects.filter(is_active=True, pk__in=held.values("user"))


def departments_of(user: Person) -> QuerySet[Department]:
    """Departments the user speaks for, on any estate."""
    wanted = Q(pk__in=[])
    for grant in grants_of(user):
        if kind := CONFIRMS_FOR.get(grant.role):
            wanted |= Q(kind=kind) if grant.department_id is None else Q(kind=kind, pk=grant.department_id)
    return Department.objects.filter(wanted)
