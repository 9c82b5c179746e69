from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from casebook.models.cases import CasePage
from estates.departments import departments_of
from estates.models import Department

if TYPE_CHECKING:
    from estates.access import Person


class DistributionQuerySet(models.QuerySet["Distribution"]):
    def for_reader(self, user: Person) -> Self:
        """Lessons handed to a department the user speaks for, which the user may still see."""
        readable = CasePage.objects.visible_to(user).filter(live=True)
        return self.filter(department__in=departments_of(user), case__in=readable)

    def unread_by(self, user: Person) -> Self:
        return self.exclude(case__receipts__user=user)


class Distribution(models.Model):
    """A published case handed to a department of its audience."""

    case = models.ForeignKey(CasePage, models.CASCADE, related_name="distributions", verbose_name=_("案例"))
    department = models.ForeignKey(Department, models.CASCADE, related_name="+", verbose_name=_("部门"))
    distributed_at = models.DateTimeField(_("分发时间"), auto_now_add=True)

    objects = DistributionQuerySet.as_manager()

    class Meta:
        verbose_name = _("案例分发")
        verbose_name_plural = _("案例分发")
        ordering = ("-distributed_at", "-pk")
        constraints = [models.UniqueConstraint(fields=["case", "department"], name="distribution_once")]

    def __str__(self) -> str:
        return f"{self.case} → {self.department}"


class ReadReceipt(models.Model):
    """Who opened a published case, and when first."""

    case = models.ForeignKey(CasePage, models.CASCADE, related_name="receipts", verbose_name=_("案例"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("用户"))
    read_at = models.DateTimeField(_("阅读时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("阅读回执")
        verbose_name_plural = _("阅读回执")
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="receipt_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.read_at:%Y-%m-%d}"
