"""Who wrote a version, and who may confirm it: at least two people stand behind what is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from estates.departments import members_of
from estates.models import Assignment, User
from estates.roles import Role
from estates.wording import enumeration

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from casebook.models import CasePage, CaseReview
    from estates.models import Department, Estate

NAMED = 6


def authors_of(case: CasePage) -> set[int]:
    """Ids of those whose hand is in the latest version: who edited it since the last publication, and who began a case
    that was never published."""
    since = case.revisions.filter(pk__gt=case.live_revision_id) if case.live_revision_id else case.revisions
    authors = set(since.order_by().values_list("user", flat=True).distinct())
    if not case.live_revision_id:
        authors.add(case.owner_id)
    return authors - {None}


def holders_of_step(department: Department | None, estate: Estate) -> QuerySet[User]:
    """Active users for whom a step waits there: the department's members, or, without a department, the managers."""
    if department:
        return members_of(department, estate)
    held = Assignment.objects.filter(Q(estate=estate) | Q(estate=None), role=Role.MANAGER)
    return User.objects.filter(is_active=True, pk__in=held.values("user"))


def reviewers_of(review: CaseReview) -> QuerySet[User]:
    """Active users who may decide the step."""
    holders = holders_of_step(review.department, review.estate)
    return holders if review.open_to_authors else holders.exclude(pk__in=review.authors.values("pk"))


def reviewers_in_words(review: CaseReview) -> str:
    """Their names, the first of them; the step's own name where nobody is left."""
    names = [str(user) for user in reviewers_of(review)[:NAMED]]
    return enumeration(names) if names else review.waits_for


def has_second_person(department: Department, estate: Estate, authors: set[int]) -> bool:
    """Could anybody but the authors confirm one of the two steps?"""
    return any(has_other_holder(one, estate, authors) for one in (None, department))


def has_other_holder(department: Department | None, estate: Estate, authors: set[int]) -> bool:
    """Does the step wait for anybody but the authors?"""
    return holders_of_step(department, estate).exclude(pk__in=authors).exists()
