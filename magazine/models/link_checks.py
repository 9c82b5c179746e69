from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from magazine.models.issues import IssuePage

LONGEST = timedelta(minutes=10)
"""A check that is not done after so long never will be: its worker died, and it may be asked for again."""


class LinkCheck(models.Model):
    """Where the links of an issue lead, as the worker found it last. `digest` is of the links that it asked for."""

    issue = models.OneToOneField(IssuePage, models.CASCADE, related_name="link_check", verbose_name=_("期号"))
    digest = models.CharField(max_length=64)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(_("开始检查"), default=timezone.now)
    finished_at = models.DateTimeField(_("检查完成"), null=True)
    total = models.PositiveIntegerField(_("链接数"), default=0)
    done = models.PositiveIntegerField(_("已查链接"), default=0)
    problems = models.JSONField(default=list)

    class Meta:
        verbose_name = _("链接检查")
        verbose_name_plural = _("链接检查")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def is_running(self) -> bool:
        return self.finished_at is None and timezone.now() - self.asked_at < LONGEST

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0
