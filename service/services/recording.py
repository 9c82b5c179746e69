"""Milestones and activities are written down, changed and taken back by those who keep them."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction

from estates.models import User
from media.models import PublicPhoto
from service import policies
from service.models import Activity, Milestone


@transaction.atomic
def keep_milestone(*, milestone: Milestone, by: User) -> Milestone:
    """Write it down, or what was changed of it. Raises PermissionDenied."""
    if not policies.may_keep(by, milestone.estate):
        raise PermissionDenied
    if milestone._state.adding:
        milestone.recorded_by = by
    milestone.save()
    return milestone


@transaction.atomic
def keep_activity(*, activity: Activity, photos: list[PublicPhoto] | None = None, by: User) -> Activity:
    """Write it down, or what was changed of it. Raises PermissionDenied."""
    if not policies.may_keep(by, activity.estate):
        raise PermissionDenied
    if activity._state.adding:
        activity.recorded_by = by
    activity.save()
    if photos is not None:
        activity.photos.set(photos)
    return activity


@transaction.atomic
def take_back(*, record: Milestone | Activity, by: User) -> None:
    """Delete what was entered by mistake; what an issue said of it stays there. Raises PermissionDenied."""
    if not policies.may_keep(by, record.estate):
        raise PermissionDenied
    record.delete()
