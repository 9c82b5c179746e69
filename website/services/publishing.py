"""What a second person approved is what becomes public, at once or at the hour that was set."""

from __future__ import annotations

from django.db import transaction
from wagtail.models import WorkflowState

from estates.models import User


@transaction.atomic
def publish_approved_version(workflow_state: WorkflowState, user: User | None = None) -> None:
    """The end of a public page's workflow. The approval decides, not a page permission."""
    workflow_state.current_task_state.revision.publish(user=user, skip_permission_checks=True)
