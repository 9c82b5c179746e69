"""The two steps of a case's review: the estate's manager, then the responsible department."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Task, TaskState, WorkflowState

from casebook import policies
from casebook.deadlines import due_date
from casebook.models.cases import CasePage
from casebook.placing import number_and_place
from casebook.reviewers import authors_of, holders_of_step
from estates.models import Department, Estate, User

if TYPE_CHECKING:
    from estates.access import Person

TaskAction = tuple[str, str, bool]


class ReviewQuerySet(models.QuerySet["CaseReview"]):
    def open(self) -> Self:
        return self.filter(status=TaskState.STATUS_IN_PROGRESS)

    def to_decide(self, user: Person) -> Self:
        """Open reviews that wait for this user."""
        return self.open().filter(policies.reviews_to_decide(user))

    def overdue(self) -> Self:
        return self.open().filter(due_on__lt=timezone.localdate())

    def with_cases(self) -> Self:
        return self.select_related("case__estate", "case__unit", "department", "workflow_state")


class CaseReview(TaskState):
    """One step of one review. Department, estate and due date are fixed when the step starts:
    a later draft cannot change who decides. No department means the manager's step."""

    case = models.ForeignKey(CasePage, models.CASCADE, related_name="reviews", verbose_name=_("案例"))
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="+", verbose_name=_("楼盘"))
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+", verbose_name=_("责任部门"))
    authors = models.ManyToManyField(User, related_name="+", verbose_name=_("这一版的作者"))
    open_to_authors = models.BooleanField(_("作者可以办理"), default=False)
    """Somebody else confirms the next step, or has confirmed this very version: its authors may confirm this one."""
    due_on = models.DateField(_("办理期限"))
    reminded_on = models.DateField(_("已催办"), null=True)

    reviews = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("案例审核")
        verbose_name_plural = _("案例审核")
        base_manager_name = "reviews"
        default_manager_name = "reviews"

    @property
    def waits_for(self) -> str:
        return str(self.department) if self.department else str(_("客服经理"))

    @property
    def is_overdue(self) -> bool:
        return self.due_on < timezone.localdate()


class CaseTask(Task):
    """In review a case is locked to all: what was confirmed is what is published."""

    task_state_class = CaseReview

    class Meta:
        abstract = True

    def start(self, workflow_state: WorkflowState, user: User | None = None) -> CaseReview:
        case = CasePage.objects.select_for_update().get(pk=workflow_state.object_id)
        number_and_place(case, by=user)
        workflow_state.refresh_from_db(fields=["object_id"])
        authors = authors_of(case) | {workflow_state.requested_by_id} - {None}
        review = CaseReview(
            workflow_state=workflow_state,
            status=TaskState.STATUS_IN_PROGRESS,
            revision=case.get_latest_revision(),
            task=self.task_ptr,
            case=case,
            estate_id=case.estate_id,
            department=self.department_of(case),
            due_on=due_date(),
        )
        review.open_to_authors = self.another_confirms(review, authors)
        review.save()
        review.authors.set(authors)
        return review

    def another_confirms(self, review: CaseReview, authors: set[int]) -> bool:
        """Is this version's other step confirmed, or surely to be confirmed, by somebody who did not write it?"""
        raise NotImplementedError

    def department_of(self, case: CasePage) -> Department | None:
        raise NotImplementedError

    def locked_for_user(self, obj: CasePage, user: Person) -> bool:
        return True

    def user_can_access_editor(self, obj: CasePage, user: Person) -> bool:
        return False

    def get_actions(self, obj: CasePage, user: Person) -> list[TaskAction]:
        """The admin offers no decision: managers and departments decide on the workbench's review page."""
        return []

    def get_task_states_user_can_moderate(self, user: Person, **kwargs: object) -> models.QuerySet[TaskState]:
        mine = CaseReview.reviews.to_decide(user).filter(task=self.task_ptr)
        return TaskState.objects.filter(pk__in=mine.values("pk"))


class ManagerTask(CaseTask):
    class Meta:
        verbose_name = _("客服经理审核")
        verbose_name_plural = _("客服经理审核")

    def department_of(self, case: CasePage) -> None:
        return None

    def another_confirms(self, review: CaseReview, authors: set[int]) -> bool:
        department = submitted_department(review.case)
        return bool(department) and holders_of_step(department, review.estate).exclude(pk__in=authors).exists()


class DepartmentTask(CaseTask):
    class Meta:
        verbose_name = _("责任部门确认")
        verbose_name_plural = _("责任部门确认")

    def department_of(self, case: CasePage) -> Department | None:
        return submitted_department(case)

    def another_confirms(self, review: CaseReview, authors: set[int]) -> bool:
        confirmed = CaseReview.reviews.filter(revision=review.revision, status=TaskState.STATUS_APPROVED)
        return confirmed.exclude(finished_by__in=authors).exists()


def submitted_department(case: CasePage) -> Department | None:
    submitted: CasePage = case.get_latest_revision_as_object()
    return submitted.responsible_department
