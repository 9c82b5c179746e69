from __future__ import annotations

from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vault.sealing import Spot


class OutgoingState(models.TextChoices):
    QUEUED = "queued", _("待发")
    CLAIMED = "claimed", _("正在发")
    ON_THE_WIRE = "on_wire", _("正在传送")
    SENT = "sent", _("已发出")
    FAILED = "failed", _("未送达")
    UNKNOWN = "unknown", _("结果不明")
    DROPPED = "dropped", _("不再发送")


STUCK = (OutgoingState.FAILED, OutgoingState.UNKNOWN)
"""What waits for a person: to be sent again, or dropped."""


def new_mail_key() -> str:
    """Lower-case letters and digits: it stands in the envelope's sender, whose case a server may change."""
    return uuid4().hex


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def due(self) -> Self:
        return self.filter(state=OutgoingState.QUEUED, next_try_at__lte=timezone.now())

    def stuck(self) -> Self:
        return self.filter(state__in=STUCK)


class OutgoingMail(models.Model):
    """One mail to one address on its way. What it says and to whom is sealed with the key of `subject`, and erased
    when it was delivered. `claim` names the attempt under way; `answer` is what the server said, without addresses."""

    key = models.CharField(max_length=32, unique=True, default=new_mail_key, editable=False)
    subject = models.CharField(max_length=50, editable=False)
    sealed = models.BinaryField(editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    """A colleague; who left, or was deactivated, gets nothing more."""
    state = models.CharField(_("状态"), max_length=8, choices=OutgoingState, default=OutgoingState.QUEUED)
    queued_at = models.DateTimeField(_("登记时间"), default=timezone.now)
    claim = models.UUIDField(null=True, editable=False)
    claimed_at = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    next_try_at = models.DateTimeField(_("下次尝试"), default=timezone.now)
    settled_at = models.DateTimeField(_("结束时间"), null=True)
    answer = models.CharField(_("服务器的回答"), max_length=200, blank=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("发出的邮件")
        verbose_name_plural = _("发出的邮件")
        ordering = ("-pk",)
        indexes = [models.Index(fields=["state", "next_try_at"], name="outgoing_due")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def spot(self) -> Spot:
        return Spot("outputs.OutgoingMail", self.key, "sealed")
