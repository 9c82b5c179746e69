from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail.images.models import ImageQuerySet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from estates.models import User


class PhotoQuerySet(ImageQuerySet):
    def of_record(self, kind: str, record_id: int) -> PhotoQuerySet:
        return self.filter(record_kind=kind, record_id=record_id)

    def takeable_by(self, user: User, client_ids: Iterable[str]) -> PhotoQuerySet:
        """Photos the user uploaded that no record has taken yet."""
        return self.filter(uploaded_by_user=user, client_id__in=client_ids, record_kind="")
