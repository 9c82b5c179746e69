from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PeriodicAct(models.Model):
    """How one periodic act stands: when it is due, who is at it, how it ended last."""

    name = models.CharField(max_length=60, primary_key=True)
    due_at = models.DateTimeField(_("下次时间"))
    held_until = models.DateTimeField(null=True, blank=True)
    holder = models.UUIDField(null=True, blank=True)
    began_at = models.DateTimeField(_("上次开始"), null=True, blank=True)
    succeeded_at = models.DateTimeField(_("上次完成"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("连续失败次数"), default=0)
    trouble = models.CharField(_("最近的错误"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("定时任务")
        verbose_name_plural = _("定时任务")

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """A process that runs, and when it was last seen to."""

    name = models.CharField(max_length=120, primary_key=True)
    kind = models.CharField(_("进程"), max_length=20)
    host = models.CharField(max_length=80)
    began_at = models.DateTimeField(_("启动时间"), default=timezone.now)
    seen_at = models.DateTimeField(_("最近活动"), default=timezone.now)

    class Meta:
        verbose_name = _("运行中的进程")
        verbose_name_plural = _("运行中的进程")

    def __str__(self) -> str:
        return self.name
