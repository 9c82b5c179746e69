from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TaskWorker(models.Model):
    """A process that runs tasks, by the sign of life that it gives while it does."""

    worker_id = models.CharField(max_length=64, primary_key=True)
    seen_at = models.DateTimeField(_("最近活动"), default=timezone.now)

    class Meta:
        verbose_name = _("任务进程")
        verbose_name_plural = _("任务进程")

    def __str__(self) -> str:
        return self.worker_id


class WriteProbe(models.Model):
    """One row that is written to see whether the database still takes any."""

    at = models.DateTimeField(_("最近写入"))

    class Meta:
        verbose_name = _("写入检测")
        verbose_name_plural = _("写入检测")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
