"""What a second person approved is what becomes public, at once or at the hour that was set."""

from __future__ import annotations

import logging

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page, Revision, WorkflowState

from estates.models import User
from website.models import PublicPage

logger = logging.getLogger(__name__)


@transaction.atomic
def publish_approved_version(workflow_state: WorkflowState, user: User | None = None) -> None:
    """The end of a public page's workflow. The approval decides, not a page permission."""
    workflow_state.current_task_state.revision.publish(user=user, skip_permission_checks=True)


def publish_due() -> int:
    """Public pages whose hour has come go out, or end. Records have no hour: they are published by people alone.

    A page that cannot is left for the next time and does not stop the others. Returns how many changed; raises the
    last error once all had their turn.
    """
    now, done, last = timezone.now(), 0, None
    public = list(ContentType.objects.get_for_models(*_public_types()).values())
    ended = Page.objects.filter(live=True, expire_at__lt=now, content_type__in=public).values_list("pk", flat=True)
    due = Revision.objects.filter(approved_go_live_at__lt=now, content_type__in=public)
    acts = [(_end, pk) for pk in ended]
    acts += [(_go_live, pk) for pk in due.order_by("approved_go_live_at").values_list("pk", flat=True)]
    for act, pk in acts:
        try:
            done += act(pk)
        except Exception as error:
            logger.exception("the scheduled publishing of %s failed", pk)
            last = error
    if last is not None:
        raise last
    return done


def _public_types() -> list[type[PublicPage]]:
    found, ahead = [], list(PublicPage.__subclasses__())
    while ahead:
        kind = ahead.pop()
        ahead += kind.__subclasses__()
        if not kind._meta.abstract:
            found.append(kind)
    return found


@transaction.atomic
def _end(pk: int) -> bool:
    page = Page.objects.select_for_update().filter(pk=pk, live=True, expire_at__lt=timezone.now()).first()
    if page is not None:
        page.specific.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    return page is not None


@transaction.atomic
def _go_live(pk: int) -> bool:
    due = Revision.objects.select_for_update().filter(pk=pk, approved_go_live_at__lt=timezone.now()).first()
    if due is not None:
        due.publish(log_action="wagtail.publish.scheduled")
    return due is not None
