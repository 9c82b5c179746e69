from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class KeyFingerprint(models.Model):
    """A key that data of this database were encrypted with: which, and a fingerprint from which nobody gets the key.
    `lost_at` says that somebody declared it lost for good."""

    purpose = models.CharField(_("密钥用途"), max_length=10)
    fingerprint = models.CharField(_("密钥指纹"), max_length=64)
    seen_at = models.DateTimeField(_("第一次使用的时间"), auto_now_add=True)
    lost_at = models.DateTimeField(_("声明遗失的时间"), null=True)

    class Meta:
        verbose_name = _("密钥指纹")
        verbose_name_plural = _("密钥指纹")
        constraints = [models.UniqueConstraint(fields=["purpose", "fingerprint"], name="key_fingerprint_once")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.fingerprint[:8]}"
