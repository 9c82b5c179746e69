from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from archives.models.dossiers import DossierPage
from archives.vocabulary import Gate, Step
from vault.sealing import Spot, seal, unseal, unseal_many


def new_row() -> str:
    return uuid4().hex


class SealedNote(models.Model):
    """A row with a note that only the customer's key opens: what people write about a person names the person."""

    row = models.CharField(max_length=32, default=new_row, editable=False)
    sealed_note = models.BinaryField(blank=True, default=b"")

    class Meta:
        abstract = True

    def seal_note(self, subject: str, text: str) -> None:
        self.sealed_note = seal(subject, self.spot(), text.encode()) if text else b""

    def note(self, subject: str) -> str:
        """Raises what `vault.sealing.unseal` raises."""
        return unseal(subject, self.spot(), bytes(self.sealed_note)).decode() if self.sealed_note else ""

    def spot(self, field: str = "sealed_note") -> Spot:
        """Where a sealed value of the row stands."""
        return Spot(self._meta.label, self.row, field)


class FromElsewhere(models.Model):
    """A row that somebody here made, or one that a bag brought: then `said_by` is whom the bag names, and no act of
    anybody here."""

    said_by = models.CharField(_("导入的包所说的经办人"), max_length=150, blank=True)

    class Meta:
        abstract = True

    def whose(self, here: object) -> str:
        """In words, who did it; `here` is the person of this site."""
        return gettext("%(name)s（据导入的包）") % {"name": self.said_by} if self.said_by else str(here or "")


def notes_of(rows: Sequence[SealedNote], subject: str) -> dict[str, str]:
    """The notes of many rows about one customer, by `row`; opened with one look for the key."""
    noted = [row for row in rows if row.sealed_note]
    opened = unseal_many([(subject, row.spot(), bytes(row.sealed_note)) for row in noted])
    return {row.row: text.decode() for row, text in zip(noted, opened, strict=True) if text is not None}


class DossierStep(FromElsewhere, SealedNote):
    """A line of a dossier's history. Written once."""

    dossier = models.ForeignKey(DossierPage, models.CASCADE, related_name="steps", verbose_name=_("客户档案"))
    step = models.CharField(_("步骤"), max_length=20, choices=Step)
    gate = models.CharField(_("关口"), max_length=10, choices=Gate, blank=True)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(_("时间"), auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("经办人")
    )

    class Meta:
        verbose_name = _("档案经过")
        verbose_name_plural = _("档案经过")
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.dossier_id}"

    @property
    def done_by(self) -> str:
        return self.whose(self.by)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a line of a dossier's history is written once")
        super().save(*args, **kwargs)


class Contact(FromElsewhere, SealedNote):
    """A talk with the customer: when, how, and, sealed, about what."""

    dossier = models.ForeignKey(DossierPage, models.CASCADE, related_name="contacts", verbose_name=_("客户档案"))
    on = models.DateField(_("联系日期"))
    channel = models.CharField(_("联系方式"), max_length=12)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人"))
    at = models.DateTimeField(_("登记时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("联系记录")
        verbose_name_plural = _("联系记录")
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        return f"{self.on} {self.dossier_id}"
