from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.vocabulary import ADDRESS, MOBILE, CustomerKind
from vault.sealing import Spot

REACHED_BY = frozenset({MOBILE, ADDRESS})


def new_subject() -> str:
    return uuid4().hex


class Customer(models.Model):
    """A person or a company whose data we hold. The row says who nobody is: `subject` names the key that opens the
    profile, `filled` and `unclear` are codes of template items, never what stands in them. `is_reachable` sums up of
    them what a handover asks, so that homes are counted without reading rows."""

    subject = models.CharField(_("当事人编号"), max_length=40, unique=True, default=new_subject, editable=False)
    kind = models.CharField(_("客户类型"), max_length=12, choices=CustomerKind, default=CustomerKind.INDIVIDUAL)
    latest = models.PositiveIntegerField(_("最新版本"), default=0)
    filled = models.JSONField(default=list)
    unclear = models.JSONField(default=dict)
    is_reachable = models.BooleanField(_("电话和通信地址齐全"), default=False, editable=False)
    restricted_at = models.DateTimeField(_("停止使用的时间"), null=True)
    consent_withdrawn_on = models.DateField(_("撤回同意的日期"), null=True)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("客户")
        verbose_name_plural = _("客户")

    def __str__(self) -> str:
        return self.subject

    def sum_up(self) -> Customer:
        """Bring `is_reachable` up to date with `filled` and `unclear`; the caller saves."""
        self.is_reachable = {*self.filled} >= REACHED_BY and not REACHED_BY & self.unclear.keys()
        return self


class CustomerToken(models.Model):
    """A keyed token of the blind index: of a name, its pinyin, a phone, its last four digits, an ID number, an address.
    `kind` says which, so that likely duplicates are found by tokens alone."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="tokens")
    token = models.CharField(max_length=20)
    kind = models.CharField(max_length=8)

    class Meta:
        verbose_name = _("查找标记")
        verbose_name_plural = _("查找标记")
        indexes = [models.Index(fields=["token", "customer"], name="token_customer")]
        constraints = [models.UniqueConstraint(fields=["customer", "token"], name="token_once")]

    def __str__(self) -> str:
        return self.token


class ProfileVersion(models.Model):
    """What was held about the customer from one change to the next: sealed JSON, item code → text or texts.

    Written once. `sealed` is bound to the customer and the version's number.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="profiles", verbose_name=_("客户"))
    number = models.PositiveIntegerField(_("版本"))
    sealed = models.BinaryField()
    changed = models.JSONField(default=list)
    made_at = models.DateTimeField(_("保存时间"), auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("保存人"), null=True
    )
    said_by = models.CharField(_("导入的包所说的经办人"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("客户资料版本")
        verbose_name_plural = _("客户资料版本")
        ordering = ("customer", "number")
        constraints = [models.UniqueConstraint(fields=["customer", "number"], name="profile_version_once")]

    def __str__(self) -> str:
        return f"{self.customer_id}/{self.number}"

    @property
    def spot(self) -> Spot:
        return profile_spot(self.customer.subject, self.number)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a version of a profile is written once")
        super().save(*args, **kwargs)


def profile_spot(subject: str, number: int) -> Spot:
    return Spot("archives.ProfileVersion", f"{subject}:{number}", "sealed")
