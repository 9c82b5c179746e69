"""Drafts that nobody came back to, and uploads that no record took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from casebook.documents import KIND
from casebook.models import CasePage
from casebook.services.filing import RECORD
from casebook.vocabulary import State
from media.models import Photo
from media.services import discard_photos
from search import index


@dataclass(frozen=True, slots=True)
class Cleared:
    drafts: int
    photos: int


def clear_abandoned(*, older_than_days: int) -> Cleared:
    """Delete drafts never submitted and not touched for that many days, with their files, and stray uploads."""
    limit = timezone.now() - timedelta(days=older_than_days)
    drafts = CasePage.objects.filter(number=None, state=State.DRAFT, latest_revision_created_at__lt=limit)
    photo_counts = [discard_draft(draft) for draft in drafts]
    strays = Photo.objects.filter(record_kind="", created_at__lt=limit)
    return Cleared(len(photo_counts), sum(photo_counts) + discard_photos(strays))


@transaction.atomic
def discard_draft(draft: CasePage) -> int:
    """Delete a draft that has no number, with its photos and search document. Returns the number of photos."""
    photos = list(Photo.objects.of_record(RECORD, draft.pk))
    index.remove(KIND, [draft.pk])
    draft.delete()
    return discard_photos(photos)
