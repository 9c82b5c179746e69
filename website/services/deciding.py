"""A second person's word on a page: let it out, or give it back with a reason."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Page, TaskState

from estates.models import User
from text.cleaning import clean
from text.numbers import is_office_number
from vault.personal_data import REFUSED, Kind, find_personal_data, without_personal_data
from website import policies
from website.notices import tell_asker


class PageError(Exception):
    """A decision that the page's state does not allow. `str()` is the message to show."""


@transaction.atomic
def approve_page(*, state: TaskState, by: User) -> Page:
    """The version that was submitted becomes public, at once or at its hour. Raises PermissionDenied, PageError."""
    held = _open(state, by)
    _refuse_numbers(held.revision.as_object())
    held.task.specific.on_action(held, by, "approve")
    tell_asker(held, _("已同意发布："))
    return Page.objects.get(pk=held.workflow_state.object_id)


@transaction.atomic
def return_page(*, state: TaskState, by: User, reason: str) -> Page:
    """Back to its writers. Raises PermissionDenied; PageError without a reason, or when it is decided already."""
    held = _open(state, by)
    reason = without_personal_data(clean(reason), REFUSED).strip()
    if not reason:
        raise PageError(_("请写明要改什么，编辑才知道怎么改。"))
    held.task.specific.on_action(held, by, "reject", comment=reason)
    tell_asker(held, _("退回修改："))
    return Page.objects.get(pk=held.workflow_state.object_id)


def _refuse_numbers(version: Page) -> None:
    """A company's lines and hotlines may stand on its website; a mobile or an ID number may not."""
    text = "\n".join([str(version.title), str(getattr(version, "text_for_search", ""))])
    for found in find_personal_data(text):
        if found.kind in REFUSED and not (found.kind == Kind.PHONE and is_office_number(found.text)):
            raise PageError(
                _("页面里像有%(kind)s（%(masked)s），请退回修改后再发布。")
                % {"kind": found.kind.label, "masked": f"{found.text[:1]}***"}
            )


def _open(state: TaskState, by: User) -> TaskState:
    Page.objects.select_for_update().get(pk=state.workflow_state.object_id)
    held = TaskState.objects.select_related("task", "revision", "workflow_state").get(pk=state.pk)
    if not policies.may_decide(by, held):
        raise PermissionDenied(_("发布要由没有写过这一版的客服经理同意。"))
    if held.status != TaskState.STATUS_IN_PROGRESS:
        raise PageError(_("这一页已经处理过，不需要再操作。"))
    return held
