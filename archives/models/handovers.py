from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from estates.models import Building, Estate


class Handover(models.Model):
    """When the homes of an estate, or of one building, begin to be handed over (交房): a month before it sales hands
    the customers' files over."""

    estate = models.ForeignKey(Estate, models.CASCADE, related_name="+", verbose_name=_("楼盘"))
    building = models.ForeignKey(
        Building, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("楼栋")
    )
    begins_on = models.DateField(_("开始交房"))
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("登记人"))
    planned_at = models.DateTimeField(_("登记时间"), auto_now=True)

    class Meta:
        verbose_name = _("交房安排")
        verbose_name_plural = _("交房安排")
        ordering = ("begins_on", "pk")
        constraints = [
            models.UniqueConstraint(fields=["estate", "building"], name="one_handover_a_building"),
            models.UniqueConstraint(
                fields=["estate"], condition=models.Q(building=None), name="one_handover_an_estate"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.estate} {self.building}" if self.building else str(self.estate)
