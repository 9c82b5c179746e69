from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from wagtail.images.models import ImageQuerySet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from estates.models import User
    from media.models import PublicPhoto  # noqa: F401  named by the base class below


class PhotoQuerySet(ImageQuerySet):
    def of_record(self, kind: str, record_id: int) -> PhotoQuerySet:
        return self.filter(record_kind=kind, record_id=record_id)

    def takeable_by(self, user: User, client_ids: Iterable[str]) -> PhotoQuerySet:
        """Photos the user uploaded that no record has taken yet."""
        return self.filter(uploaded_by_user=user, client_id__in=client_ids, record_kind="")


class PublicPhotoQuerySet(models.QuerySet["PublicPhoto"]):
    def served(self) -> Self:
        """What everybody may see."""
        return self.filter(state="public")

    def undecided(self) -> Self:
        """Not judged yet, or with other boxes that a second person has to decide on."""
        return self.filter(models.Q(state="waiting") | models.Q(proposed__isnull=False))
