"""Who writes the public website, and who lets it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estates.access import reach_of
from estates.roles import Role

if TYPE_CHECKING:
    from wagtail.models import TaskState

    from estates.access import Person

WRITERS = frozenset({Role.EDITOR, Role.MANAGER})
PUBLISHERS = frozenset({Role.MANAGER})


def may_write(user: Person) -> bool:
    return bool(reach_of(user, WRITERS))


def may_publish(user: Person) -> bool:
    return bool(reach_of(user, PUBLISHERS))


def may_decide(user: Person, state: TaskState) -> bool:
    """A publisher who neither wrote the version nor asked for it to be published."""
    hands = {state.revision.user_id if state.revision else None, state.workflow_state.requested_by_id}
    return may_publish(user) and user.pk not in hands
