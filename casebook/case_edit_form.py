"""The case's form in the Wagtail editor. A save that is refused as stale keeps all that was typed, and shows beside it
what the other person changed; the next explicit save is then meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail.admin.forms import WagtailAdminPageForm

if TYPE_CHECKING:
    from django.http import QueryDict

    from casebook.models import CasePage


class CaseEditForm(WagtailAdminPageForm):
    instance: CasePage

    def __init__(
        self, data: QueryDict | None = None, *args: object, instance: CasePage | None = None, **kwargs: object
    ) -> None:
        if data and instance:
            data = _with_known_photos(data, instance)
        super().__init__(data, *args, instance=instance, **kwargs)

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean()
        if stale := getattr(self.instance, "stale_edit", None):
            self.add_error(None, str(stale))
        return cleaned


def _with_known_photos(data: QueryDict, case: CasePage) -> QueryDict:
    """A version that was saved meanwhile has rows of its own for the same photos: what was typed to a photo is said of
    the row that holds it now, or of a new one."""
    known = {str(row.pk): str(row.photo_id) for row in case.photos.all()}
    row_of = {photo: pk for pk, photo in known.items()}
    posted = data.copy()
    for key in [key for key in posted if key.startswith("photos-") and key.endswith("-id")]:
        photo = str(posted.get(f"{key.removesuffix('id')}photo", ""))
        if posted[key] and known.get(str(posted[key])) != photo:
            posted[key] = row_of.get(photo, "")
    return posted
