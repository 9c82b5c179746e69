"""Who is outside: one rule, by role and employer, for whoever borrows from the archive."""

from __future__ import annotations

from enum import StrEnum

from estates.access import Person, grants_of
from estates.roles import DepartmentKind, Role

OUTSIDE_ROLES = frozenset({Role.PROPERTY})
OUTSIDE_EMPLOYERS = frozenset({DepartmentKind.PROPERTY})
"""The property company is a company of its own: what it borrows leaves the house, whatever its people do here."""

MEMBER_ROLES = frozenset({Role.SUBSCRIBER})


class Standing(StrEnum):
    COLLEAGUE = "colleague"
    OUTSIDE = "outside"
    STRANGER = "stranger"
    """A member, an account without a post, one that was closed: they borrow nothing."""


def standing_of(user: Person) -> Standing:
    """As the person stands today, not as he stood when something was lent to him. Of several posts the one outside
    counts."""
    posts = [grant for grant in grants_of(user) if grant.role not in MEMBER_ROLES]
    if any(post.role in OUTSIDE_ROLES or post.employer in OUTSIDE_EMPLOYERS for post in posts):
        return Standing.OUTSIDE
    is_known = bool(posts) or (user.is_active and user.is_superuser)
    return Standing.COLLEAGUE if is_known else Standing.STRANGER
