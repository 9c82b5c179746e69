from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from estates.access import Person
from estates.models import Estate
from media.models import PublicPhoto
from service import policies
from service.months import within


class MilestoneKind(models.TextChoices):
    TOPPING_OUT = "topping_out", _("封顶")
    SCAFFOLD_DOWN = "scaffold", _("落架")
    LANDSCAPING = "landscaping", _("园建开始")
    OPEN_DAY = "open_day", _("工地开放日")
    HANDOVER = "handover", _("交付")


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def visible_to(self, user: Person) -> Self:
        return self.filter(policies.visible_records(user))

    def of_month(self, month: str) -> Self:
        return self.filter(within(month))


class Milestone(models.Model):
    """Something that an estate's owners wait for: it is told to them the next day, and in that month's magazine."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="milestones", verbose_name=_("楼盘"))
    kind = models.CharField(_("节点"), max_length=12, choices=MilestoneKind)
    buildings = models.CharField(_("楼栋"), max_length=60, blank=True, help_text=_("例如：3栋、5栋；整个楼盘不用填。"))
    day = models.DateField(_("日期"))
    note = models.CharField(_("说明"), max_length=300, blank=True)
    photo = models.ForeignKey(
        PublicPhoto, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("照片")
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("登记人")
    )

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("工程节点")
        verbose_name_plural = _("工程节点")
        ordering = ("-day", "-pk")
        constraints = [models.UniqueConstraint(fields=["estate", "kind", "buildings", "day"], name="milestone_once")]

    def __str__(self) -> str:
        return f"{self.estate} {self.words}"

    @property
    def words(self) -> str:
        return f"{self.buildings}{self.get_kind_display()}"
