from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Act(models.TextChoices):
    VIEWED = "viewed", _("查看")
    REVEALED = "revealed", _("显示明文")
    SEARCHED = "searched", _("按个人信息查找")
    DOWNLOADED = "downloaded", _("下载")
    PRINTED = "printed", _("打印")
    EXPORTED = "exported", _("导出")
    CHANGED = "changed", _("更改")
    LENT = "lent", _("借出")
    RETURNED = "returned", _("归还")
    DESTROYED = "destroyed", _("销毁密钥")
    REFUSED = "refused", _("被拒绝")


class AccessEntry(models.Model):
    """One line of the access register (查阅登记): who, whose, what, why, when, from where. Never changed or deleted.

    `mac` is the keyed hash of the line and of the line before it: a chain that only the key's owner can make.
    `subject` is the person's lasting id, not a name; `purpose` is one of the usual ones or words without personal data;
    `part` names what of the record it was, by codes: a version of the data, documents by kind and number.
    """

    sequence = models.PositiveBigIntegerField(_("序号"), unique=True)
    at = models.DateTimeField(_("时间"))
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("查阅人")
    )
    act = models.CharField(_("行为"), max_length=12, choices=Act)
    subject = models.CharField(_("当事人编号"), max_length=40, blank=True, db_index=True)
    record = models.CharField(_("档案"), max_length=60, blank=True, db_index=True)
    part = models.TextField(_("哪一部分"), blank=True)
    purpose = models.CharField(_("目的"), max_length=200, blank=True)
    count = models.PositiveIntegerField(_("数量"), default=1)
    address = models.CharField(_("来源地址"), max_length=45, blank=True)
    mac = models.CharField(max_length=80)

    class Meta:
        verbose_name = _("查阅登记")
        verbose_name_plural = _("查阅登记")
        ordering = ("-sequence",)

    def __str__(self) -> str:
        return f"{self.sequence} {self.get_act_display()} {self.record}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a line of the register is written once")
        super().save(*args, **kwargs)


class RegisterHead(models.Model):
    """The end of the chain: how many lines there are and the last one's hash, signed. One row."""

    sequence = models.PositiveBigIntegerField(default=0)
    mac = models.CharField(max_length=80, blank=True)
    signature = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("登记册末端")
        verbose_name_plural = _("登记册末端")

    def __str__(self) -> str:
        return str(self.sequence)
