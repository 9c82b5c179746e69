"""Who may do what with the magazine, its subscribers and its mailings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estates.access import reach_of
from estates.roles import OVERSIGHT, Role

if TYPE_CHECKING:
    from estates.access import Person
    from magazine.models import Mailing

MAKERS = frozenset({Role.EDITOR, Role.MANAGER})
"""They write the issues, of any estate: the magazine is one."""


APPROVERS = frozenset({Role.MANAGER})
DIGEST_READERS = frozenset({Role.DESIGN, Role.ENGINEERING})
"""The departments that get the digest of new lessons."""


def may_make_issues(user: Person) -> bool:
    return bool(reach_of(user, MAKERS))


def may_approve(user: Person) -> bool:
    return bool(reach_of(user, APPROVERS))


def may_read_mailings(user: Person) -> bool:
    return bool(reach_of(user, MAKERS | OVERSIGHT))


def may_read_subscribers(user: Person) -> bool:
    """How many, since when, by what consent; addresses are masked."""
    return bool(reach_of(user, {Role.MANAGER, Role.AUDITOR}))


def may_keep_subscribers(user: Person) -> bool:
    """Import, take off the list, erase."""
    return bool(reach_of(user, APPROVERS))


def is_second_person(user: Person, mailing: Mailing) -> bool:
    """Neither who froze it nor who wrote the version that was frozen."""
    return user.pk not in mailing.hands


def may_get_digests(user: Person) -> bool:
    return bool(reach_of(user, DIGEST_READERS))
