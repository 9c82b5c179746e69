"""What Wagtail calls when a workflow ends. Wagtail imports this while its own models load, so it imports nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wagtail.models import WorkflowState

    from estates.models import User

Ending = Callable[["WorkflowState", "User | None"], None]
_endings: list[Ending] = []


def register_ending(ending: Ending) -> None:
    _endings.append(ending)


def end_workflow(workflow_state: WorkflowState, user: User | None = None) -> None:
    """The setting WAGTAIL_FINISH_WORKFLOW_ACTION."""
    for ending in _endings:
        ending(workflow_state, user)
