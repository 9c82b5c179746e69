"""What of the magazine and the website waits for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from estates.access import reach_of
from estates.work import Row, Task
from magazine import policies
from magazine.models import Mailing
from magazine.vocabulary import DeliveryState, MailingState
from media.judges import JUDGES, may_judge
from media.models import PublicPhoto
from website.models import SecondPersonTask
from website.policies import may_publish

if TYPE_CHECKING:
    from estates.models import User

SHOWN = 8


def magazine_work(user: User) -> list[Task]:
    """Pages to look at, mailings to approve, mailings that stopped or have unknown ends; without empty ones."""
    tasks = [_pages(user), _photos(user), _to_approve(user), _stopped(user)]
    return [task for task in tasks if task.count]


def _pages(user: User) -> Task:
    rows = [
        Row(
            url=reverse("website-review", args=[state.pk]),
            words=str(state.workflow_state.content_object.draft_title),
            meta=[str(state.workflow_state.requested_by or "")],
            at=state.started_at,
        )
        for task in (SecondPersonTask.objects.all() if may_publish(user) else ())
        for state in task.get_task_states_user_can_moderate(user).select_related("workflow_state__requested_by")
    ]
    return Task(_("等我看过的公开页面"), len(rows), rows[:SHOWN])


def _photos(user: User) -> Task:
    """Photos that nobody judged yet, and boxes that another person changed."""
    rows = [
        Row(
            url=reverse("blur-photo", args=[one.pk]),
            words=one.title,
            chip=str(_("待审看") if one.proposed is None else _("等第二人同意")),
            meta=[str(one.made_by if one.proposed_by is None else one.proposed_by)],
            at=one.proposed_at or one.made_at,
        )
        for one in _undecided(user)
    ]
    return Task(_("等我审看的公开照片"), len(rows), rows[:SHOWN])


def _undecided(user: User) -> list[PublicPhoto]:
    if not reach_of(user, JUDGES):
        return []
    found = PublicPhoto.objects.undecided().select_related("source", "made_by", "proposed_by")
    return [one for one in found if one.proposed_by_id != user.pk and may_judge(user, one)]


def _to_approve(user: User) -> Task:
    waiting = Mailing.objects.visible_to(user).filter(state=MailingState.PREPARED) if policies.may_approve(user) else []
    rows = [_row(one) for one in waiting if policies.is_second_person(user, one)]
    return Task(_("等我批准的发送"), len(rows), rows[:SHOWN])


def _stopped(user: User) -> Task:
    """Paused by the postman, or done with ends that a person has to settle."""
    mine = Mailing.objects.visible_to(user) if policies.may_make_issues(user) else Mailing.objects.none()
    paused = mine.filter(state=MailingState.PAUSED)
    unknown = mine.filter(state=MailingState.DONE, deliveries__state=DeliveryState.UNKNOWN)
    rows = [_row(one) for one in (paused | unknown).distinct()]
    return Task(_("发送停住了，或有结果不明"), len(rows), rows[:SHOWN])


def _row(mailing: Mailing) -> Row:
    return Row(mailing.get_absolute_url(), mailing.subject, mailing.get_state_display(), at=mailing.prepared_at)
