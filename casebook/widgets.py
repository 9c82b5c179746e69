from __future__ import annotations

from django import forms

from media.models import Photo


class PhotoThumbnail(forms.HiddenInput):
    """Shows the photo and carries its id: in the admin photos are ordered and captioned, never swapped."""

    input_type = "hidden"
    template_name = "casebook/widgets/photo_thumbnail.html"

    @property
    def is_hidden(self) -> bool:
        return False

    def get_context(self, name: str, value: object, attrs: dict[str, object] | None) -> dict[str, object]:
        context: dict[str, object] = super().get_context(name, value, attrs)
        context["photo"] = Photo.objects.filter(pk=value).first() if value else None
        return context
