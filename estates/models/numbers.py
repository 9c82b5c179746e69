from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Counter(models.Model):
    """The last sequence number given in a scope. Locked while a number is allotted."""

    scope = models.CharField(max_length=60, unique=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("编号计数")
        verbose_name_plural = _("编号计数")

    def __str__(self) -> str:
        return f"{self.scope}: {self.last}"


class NumberEntry(models.Model):
    """A number given to a record, never given again. The register shows every gap with its reason."""

    class State(models.TextChoices):
        USED = "used", _("使用中")
        VOID = "void", _("已作废")

    number = models.CharField(_("编号"), max_length=40, unique=True)
    scope = models.CharField(_("编号范围"), max_length=60)
    sequence = models.PositiveIntegerField(_("序号"))
    state = models.CharField(_("编号状态"), max_length=8, choices=State, default=State.USED)
    reason = models.CharField(_("作废原因"), max_length=200, blank=True)
    allotted_at = models.DateTimeField(_("给号时间"), auto_now_add=True)
    allotted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("给号人")
    )

    class Meta:
        verbose_name = _("编号登记")
        verbose_name_plural = _("编号登记")
        ordering = ("scope", "sequence")
        constraints = [models.UniqueConstraint(fields=["scope", "sequence"], name="sequence_once_per_scope")]

    def __str__(self) -> str:
        return self.number
