"""What Wagtail calls when a workflow ends. Wagtail imports this while its own models load, so it imports nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wagtail.models import Page, WorkflowState

    from estates.models import User

Ending = Callable[["WorkflowState", "User | None"], None]
_endings: dict[type[Page], Ending] = {}


def register_ending(model: type[Page], ending: Ending) -> None:
    """What the end of a workflow of such a page, or of a kind of it, does."""
    _endings[model] = ending


def end_workflow(workflow_state: WorkflowState, user: User | None = None) -> None:
    """The setting WAGTAIL_FINISH_WORKFLOW_ACTION. Raises LookupError for a page that nobody registered."""
    kind = workflow_state.content_type.model_class()
    ending = next((end for model, end in _endings.items() if issubclass(kind, model)), None)
    if ending is None:
        raise LookupError(f"no ending is registered for the workflow of {kind!r}")
    ending(workflow_state, user)
