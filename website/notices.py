"""Who is told what about the public pages: those who may decide, and who asked."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import TaskState

from estates.models import User
from exchange.mail import mail_users
from website import policies


def tell_publishers(task_state: int) -> None:
    """A page waits for a second person."""
    state = TaskState.objects.select_related("revision", "workflow_state").filter(pk=task_state).first()
    if state is None:
        return
    people = User.objects.filter(is_active=True, assignments__role__in=policies.PUBLISHERS).distinct()
    page = state.workflow_state.content_object
    address = settings.SITE_URL + reverse("website-review", args=[state.pk])
    mail_users(
        [one.pk for one in people if policies.may_decide(one, state)],
        subject=_("等您审核：%(title)s") % {"title": page.draft_title},
        body=f"{_('公开网站有一页等您看过后发布：')}\n{address}",
    )


def tell_asker(state: TaskState, words: str) -> None:
    page, asker = state.workflow_state.content_object, state.workflow_state.requested_by_id
    address = settings.SITE_URL + reverse("wagtailadmin_pages:edit", args=[page.pk])
    if asker:
        mail_users([asker], subject=f"{words}{page.draft_title}", body=f"{state.get_comment()}\n{address}".strip())
