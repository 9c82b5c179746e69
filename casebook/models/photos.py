from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel
from wagtail.models import Orderable

from casebook.outgoing import outgoing
from casebook.vocabulary import PhotoPhase, word
from casebook.widgets import PhotoThumbnail
from media.models import Photo


class CasePhoto(Orderable):
    """A photo in a case, in order, with the phase it shows."""

    page = ParentalKey("casebook.CasePage", on_delete=models.CASCADE, related_name="photos")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="+", verbose_name=_("照片"))
    phase = models.CharField(_("阶段"), max_length=8, choices=PhotoPhase, default=PhotoPhase.BEFORE)
    caption = models.CharField(_("照片说明"), max_length=120, blank=True)

    panels = [
        FieldPanel("photo", widget=PhotoThumbnail),
        FieldPanel("phase"),
        FieldPanel("caption"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("案例照片")
        verbose_name_plural = _("案例照片")

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **kwargs: Any) -> Self:
        """As with its case: no number that was stored before is shown."""
        row: Self = super().from_db(db, field_names, values, **kwargs)
        if caption := row.__dict__.get("caption"):
            row.__dict__["caption"] = outgoing(caption)
        return row

    def __str__(self) -> str:
        return self.caption or str(self.photo)

    @property
    def alternative(self) -> str:
        """What is read out instead of the picture: its caption, or the phase it shows."""
        return self.caption or word(self, "phase")
