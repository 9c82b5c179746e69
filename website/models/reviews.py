"""One look by a second person before anything is public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page, Task, TaskState, WorkflowState

from website import policies
from website.notices import tell_publishers

if TYPE_CHECKING:
    from estates.access import Person
    from estates.models import User

TaskAction = tuple[str, str, bool]


class SecondPersonTask(Task):
    """Approved by a manager who did not write the version. In review the page is locked to everybody: what was looked
    at is what is published."""

    class Meta:
        verbose_name = gettext_lazy("第二人审核")
        verbose_name_plural = gettext_lazy("第二人审核")

    def start(self, workflow_state: WorkflowState, user: User | None = None) -> TaskState:
        state: TaskState = super().start(workflow_state, user)
        tell_publishers(state.pk)
        return state

    def user_can_access_editor(self, obj: Page, user: Person) -> bool:
        return policies.may_write(user)

    def locked_for_user(self, obj: Page, user: Person) -> bool:
        return True

    def get_actions(self, obj: Page, user: Person) -> list[TaskAction]:
        """The admin offers no decision: it is made on the page that shows the very version."""
        return []

    def on_action(self, task_state: TaskState, user: User, action_name: str, **kwargs: object) -> None:
        if not policies.may_decide(user, task_state):
            raise PermissionDenied(_("发布要由没有写过这一版的客服经理同意。"))
        super().on_action(task_state, user, action_name, **kwargs)

    def get_task_states_user_can_moderate(self, user: Person, **kwargs: object) -> QuerySet[TaskState]:
        waiting = TaskState.objects.filter(status=TaskState.STATUS_IN_PROGRESS, task=self.task_ptr)
        if not policies.may_publish(user):
            return waiting.none()
        return waiting.exclude(Q(revision__user=user) | Q(workflow_state__requested_by=user))
