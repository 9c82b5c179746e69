"""What a person keeps for himself: pinned cases, what he asked and opened lately, searches that go on by themselves.
Small, his own, and erased by a click."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from casebook.models.cases import CasePage

if TYPE_CHECKING:
    from estates.access import Person

LONGEST_NAME = 80
LONGEST_ASKED = 1200


class RecentQuery(models.Model):
    """A search that found something: its text, and `asked`, the query of its address. Never one that may name a
    person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    text = models.CharField(_("查询"), max_length=60)
    asked = models.CharField(max_length=LONGEST_ASKED)
    at = models.DateTimeField(_("时间"), auto_now=True)

    class Meta:
        verbose_name = _("最近的查询")
        verbose_name_plural = _("最近的查询")
        ordering = ("-at", "-pk")
        constraints = [models.UniqueConstraint(fields=["user", "text"], name="recent_query_once")]

    def __str__(self) -> str:
        return self.text


class RecentCase(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    case = models.ForeignKey(CasePage, models.CASCADE, related_name="+")
    at = models.DateTimeField(_("时间"), auto_now=True)

    class Meta:
        verbose_name = _("最近打开的案例")
        verbose_name_plural = _("最近打开的案例")
        ordering = ("-at", "-pk")
        constraints = [models.UniqueConstraint(fields=["user", "case"], name="recent_case_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.case_id}"


class PinnedCase(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    case = models.ForeignKey(CasePage, models.CASCADE, related_name="+")
    at = models.DateTimeField(_("时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("收藏的案例")
        verbose_name_plural = _("收藏的案例")
        ordering = ("-at", "-pk")
        constraints = [models.UniqueConstraint(fields=["user", "case"], name="pinned_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.case_id}"


class Usefulness(models.Model):
    """Whether a lesson was of use to a reader; one opinion each, which he may change or take back."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    case = models.ForeignKey(CasePage, models.CASCADE, related_name="usefulness")
    was_useful = models.BooleanField(_("有用"))
    at = models.DateTimeField(_("时间"), auto_now=True)

    class Meta:
        verbose_name = _("经验是否有用")
        verbose_name_plural = _("经验是否有用")
        constraints = [models.UniqueConstraint(fields=["user", "case"], name="useful_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.was_useful}"


class Cadence(models.TextChoices):
    """How a person hears of new records; all of them stand in his work."""

    WORK = "work", _("只在“我的工作”里")
    DAILY = "daily", _("每天一封邮件")
    AT_ONCE = "at_once", _("立即发邮件")


class SavedSearch(models.Model):
    """A search that goes on: `asked` is the query of its address, `known` are ids that it had found already when it was
    saved. `ended_at`: no more alerts."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_searches")
    name = models.CharField(_("名称"), max_length=LONGEST_NAME)
    asked = models.CharField(max_length=LONGEST_ASKED)
    cadence = models.CharField(_("怎样通知"), max_length=8, choices=Cadence, default=Cadence.WORK)
    known = models.JSONField(default=list)
    made_at = models.DateTimeField(_("保存时间"), auto_now_add=True)
    ended_at = models.DateTimeField(_("停止通知的时间"), null=True)

    class Meta:
        verbose_name = _("保存的查询")
        verbose_name_plural = _("保存的查询")
        ordering = ("name", "pk")
        constraints = [models.UniqueConstraint(fields=["user", "asked"], name="saved_once")]

    def __str__(self) -> str:
        return self.name


class AlertQuerySet(models.QuerySet["Alert"]):
    def unseen_by(self, user: Person) -> Self:
        """Those about cases that he may still see, and has not opened, of searches that go on."""
        visible = CasePage.objects.visible_to(user)
        return self.filter(user=user, seen_at=None, search__ended_at=None, case__in=visible)


class Alert(models.Model):
    """A new record that a saved search found; one for a person and a record, whichever of his searches found it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    case = models.ForeignKey(CasePage, models.CASCADE, related_name="+")
    search = models.ForeignKey(SavedSearch, models.CASCADE, related_name="alerts")
    found_at = models.DateTimeField(_("发现时间"), auto_now_add=True)
    mailed_at = models.DateTimeField(_("发邮件的时间"), null=True)
    seen_at = models.DateTimeField(_("看过的时间"), null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("新案例提醒")
        verbose_name_plural = _("新案例提醒")
        ordering = ("-found_at", "-pk")
        constraints = [models.UniqueConstraint(fields=["user", "case"], name="alert_once")]
        indexes = [models.Index(fields=["user", "seen_at"], name="alert_unseen")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.case_id}"


class ChangedCase(models.Model):
    """A case that was indexed anew while searches wait for news: looked at by the next round, then gone."""

    case = models.ForeignKey(CasePage, models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("待比对的案例")
        verbose_name_plural = _("待比对的案例")

    def __str__(self) -> str:
        return str(self.case_id)
