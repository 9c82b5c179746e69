"""What was confirmed is what is published; publication hands it to the departments of its libraries."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.log_actions import log
from wagtail.models import WorkflowState

from casebook import policies
from casebook.models import CasePage, Distribution, ReadReceipt
from casebook.services.alerting import note_changed
from casebook.services.errors import CaseError
from casebook.services.filing import set_state
from casebook.services.wording import masked_words
from casebook.vocabulary import State
from estates.models import Department, User


@transaction.atomic
def publish_confirmed_version(workflow_state: WorkflowState, user: User | None = None) -> None:
    """The end of a case's workflow: publish the reviewed version.

    The approver needs no page permission: the workflow decided.
    """
    revision = workflow_state.current_task_state.revision
    revision.publish(user=user, skip_permission_checks=True)
    case = CasePage.objects.get(pk=workflow_state.object_id)
    set_state(case, State.PUBLISHED)
    distribute_case(case)
    note_changed([case.pk])


def distribute_case(case: CasePage) -> None:
    """Hand the case to every department of its libraries' kinds; departments that have it keep it."""
    kinds = [policies.LIBRARY_DEPARTMENTS[library] for library in case.libraries]
    Distribution.objects.bulk_create(
        [Distribution(case=case, department=d) for d in Department.objects.filter(kind__in=kinds)],
        ignore_conflicts=True,
    )


@transaction.atomic
def withdraw_case(*, case: CasePage, by: User, reason: str) -> CasePage:
    """Take a published case back from its audience; it leaves their lists and results at once.

    Raises PermissionDenied, and CaseError without a reason or when it is not published.
    """
    row = CasePage.objects.select_for_update().get(pk=case.pk)
    if not policies.may_manage_case(by, row):
        raise PermissionDenied
    if not row.live:
        raise CaseError(_("案例没有发布，不需要撤回。"))
    reason = masked_words(reason)
    if not reason:
        raise CaseError(_("请写明撤回的原因。"))
    UnpublishPageAction(row, user=by, log_action=False).execute(skip_permission_checks=True)
    log(instance=row, action="casebook.withdraw", user=by, data={"reason": reason})
    row.refresh_from_db()
    set_state(row, State.WITHDRAWN)
    return row


def note_reading(*, case: CasePage, by: User) -> None:
    """The first time a person of its audience opens a published case."""
    if not case.live or ReadReceipt.objects.filter(case=case, user=by).exists():
        return
    if Distribution.objects.for_reader(by).filter(case=case).exists():
        ReadReceipt.objects.get_or_create(case=case, user=by)
