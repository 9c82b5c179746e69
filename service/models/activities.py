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


class ActivityQuerySet(models.QuerySet["Activity"]):
    def visible_to(self, user: Person) -> Self:
        return self.filter(policies.visible_records(user) | policies.of_the_company(user))

    def of_month(self, month: str) -> Self:
        return self.filter(within(month))


class Activity(models.Model):
    """An activity of the customer club, of one estate or of all."""

    theme = models.CharField(_("主题"), max_length=60)
    estate = models.ForeignKey(
        Estate, models.PROTECT, null=True, blank=True, related_name="activities", verbose_name=_("楼盘")
    )
    day = models.DateField(_("日期"))
    place = models.CharField(_("地点"), max_length=80, blank=True)
    report = models.TextField(_("经过"), max_length=1_200, blank=True)
    photos = models.ManyToManyField(PublicPhoto, blank=True, related_name="+", verbose_name=_("照片"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("登记人")
    )

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("会员活动")
        verbose_name_plural = _("会员活动")
        ordering = ("-day", "-pk")

    def __str__(self) -> str:
        return self.theme
