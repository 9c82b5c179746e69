from __future__ import annotations

import json
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.models.dossiers import DossierPage
from archives.models.history import SealedNote
from vault.sealing import seal, unseal


@dataclass(frozen=True, slots=True)
class DeedNumbers:
    """A deed's number before a correction and after it; empty for none."""

    before: str
    after: str


class DeedCorrection(SealedNote):
    """A title deed that was filled shall be another: the day, the number, or both. One asks, another decides; the
    numbers are sealed. `before_on` and `after_on` are the days."""

    dossier = models.ForeignKey(
        DossierPage, models.PROTECT, related_name="deed_corrections", verbose_name=_("客户档案")
    )
    before_on = models.DateField(_("原办证日期"), null=True)
    after_on = models.DateField(_("更正后的办证日期"))
    sealed_values = models.BinaryField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("申请人"))
    asked_at = models.DateTimeField(_("申请时间"), auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("批准人")
    )
    decided_at = models.DateTimeField(_("批准时间"), null=True)
    is_granted = models.BooleanField(_("同意"), null=True)

    class Meta:
        verbose_name = _("产权证更正")
        verbose_name_plural = _("产权证更正")
        ordering = ("-asked_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"], condition=models.Q(decided_at=None), name="one_deed_correction_waits"
            )
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.dossier_id}"

    def seal_numbers(self, subject: str, numbers: DeedNumbers) -> None:
        told = json.dumps([numbers.before, numbers.after], ensure_ascii=False)
        self.sealed_values = seal(subject, self.spot("sealed_values"), told.encode())

    def numbers(self, subject: str) -> DeedNumbers:
        """Raises what `vault.sealing.unseal` raises."""
        return DeedNumbers(*json.loads(unseal(subject, self.spot("sealed_values"), bytes(self.sealed_values))))
