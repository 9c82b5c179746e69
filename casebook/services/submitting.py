"""The one way into review."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Workflow, WorkflowState, WorkflowTask

from casebook import policies
from casebook.fields import TEXT_FIELDS
from casebook.models import CasePage, DepartmentTask, ManagerTask
from casebook.notices import tell_reviewers
from casebook.outgoing import without_cut_number
from casebook.reviewers import authors_of, has_other_holder, has_second_person
from casebook.services.alerting import note_changed
from casebook.services.errors import CaseError, Gap, NotComplete
from casebook.services.filing import refuse_stale_edit, set_state
from casebook.vocabulary import State
from estates.departments import members_of
from estates.models import User
from estates.wording import enumeration
from vault.personal_data import REFUSED, Kind, find_personal_data

WORKFLOW_NAME = "案例发布"


def case_workflow() -> Workflow:
    """Manager, then responsible department; made when first needed, in the caller's transaction."""
    return _known_workflow() or _made_workflow()


def _known_workflow() -> Workflow | None:
    return Workflow.objects.filter(name=WORKFLOW_NAME).order_by("pk").first()


def _made_workflow() -> Workflow:
    """Its name is not unique: the two who submit the first cases at once wait for each other, and have the same one."""
    ContentType.objects.select_for_update().get(app_label="casebook", model="casepage")
    if known := _known_workflow():
        return known
    workflow = Workflow.objects.create(name=WORKFLOW_NAME)
    for order, task in enumerate((ManagerTask(name="客服经理审核"), DepartmentTask(name="责任部门确认"))):
        task.save()
        WorkflowTask.objects.create(workflow=workflow, task=task.task_ptr, sort_order=order)
    return workflow


@transaction.atomic
def submit_case(*, case: CasePage, by: User, loaded_revision: int | None = None) -> CasePage:
    """Check, number and start the review; after an objection, resume it at the step that objected. Where only authors
    of this version are left in the department, it starts anew: the manager is the second person who looks at it.

    Raises PermissionDenied; CaseError when it is in review already; NotComplete with every gap; StaleEdit.
    """
    row = CasePage.objects.select_for_update().get(pk=case.pk)
    if not policies.may_edit_case(by, row):
        raise PermissionDenied
    current: WorkflowState | None = row.current_workflow_state
    if current and current.status == WorkflowState.STATUS_IN_PROGRESS:
        raise CaseError(_("案例已经提交，正在等待%(who)s处理，不需要再次提交。") % {"who": _waits_for(row)})
    refuse_stale_edit(row, loaded_revision)
    draft: CasePage = row.get_latest_revision_as_object()
    if gaps := list(find_gaps(draft, by)):
        raise NotComplete(gaps)
    if row.state == State.PUBLISHED and not row.has_unpublished_changes:
        raise CaseError(_("案例已发布，之后没有新的修改，不需要再次提交。"))
    if current and has_other_holder(draft.responsible_department, row.estate, authors_of(row) | {by.pk}):
        current.resume(user=by)
        row.reviews.open().get().authors.add(by)
    else:
        if current:
            current.cancel(user=by)
        case_workflow().start(row, by)
    row.refresh_from_db()
    if not row.live:
        set_state(row, State.IN_REVIEW)
    note_changed([row.pk])
    tell_reviewers(row.pk)
    return row


def _waits_for(case: CasePage) -> str:
    review = case.reviews.open().first()
    return review.waits_for if review else ""


def find_gaps(case: CasePage, by: User | None = None) -> Iterator[Gap]:
    """Everything that the case still needs before `by` submits it, in the order of its form."""
    if not case.description.strip():
        yield Gap("description", _("问题说明还没有填写"))
    if not case.photos.exists() and not case.no_photo_reason.strip():
        yield Gap("no_photo_reason", _("至少上传一张照片，或写明没有照片的原因"))
    if case.responsible_department is None:
        yield Gap("responsible_department", _("责任部门还没有选择"))
    elif not members_of(case.responsible_department, case.estate).exists():
        yield Gap(
            "responsible_department",
            _("%(department)s在这个楼盘还没有成员，无法确认。请联系管理员指定人员，或改选部门")
            % {"department": case.responsible_department},
        )
    elif not has_second_person(case.responsible_department, case.estate, authors_of(case) | ({by.pk} if by else set())):
        yield Gap(
            "responsible_department",
            _(
                "还没有另一个人可以确认：%(department)s和客服经理里只有填写的人自己。请联系管理员指定另一个人，或改选部门"
            )
            % {"department": case.responsible_department},
        )
    if not case.lesson.strip():
        yield Gap("lesson", _("经验教训还没有填写"))
    if not case.libraries:
        yield Gap("libraries", _("至少选择一个案例库"))
    yield from _personal_data_gaps(case)


def _personal_data_gaps(case: CasePage) -> Iterator[Gap]:
    for name in (*TEXT_FIELDS, "drawing_number"):
        text = getattr(case, name)
        kinds = {f.kind for f in find_personal_data(text) if f.kind in REFUSED}
        if name == "title" and not kinds and without_cut_number(text) != text:
            kinds = {Kind.PHONE}
        if kinds:
            yield Gap(
                name,
                _("%(field)s里有%(kinds)s，请先删除")
                % {
                    "field": case._meta.get_field(name).verbose_name,
                    "kinds": enumeration(sorted(str(kind.label) for kind in kinds)),
                },
            )
