from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from casebook.models.cases import CasePage
from casebook.models.packs import PackItem
from casebook.vocabulary import Settlement, Verdict


class Recurrence(models.Model):
    """The trouble of a review item happened again on its project: `case` is the new one (复发).

    It re-opens the item's lesson until somebody settles it. `verdict`: what the review had said then.
    """

    item = models.ForeignKey(PackItem, models.PROTECT, related_name="recurrences", verbose_name=_("审查条目"))
    case = models.ForeignKey(CasePage, models.PROTECT, related_name="recurs", verbose_name=_("新案例"))
    verdict = models.CharField(_("当时的结论"), max_length=16, choices=Verdict, blank=True)
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    linked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("复发")
        verbose_name_plural = _("复发")
        ordering = ("-linked_at", "-pk")
        constraints = [models.UniqueConstraint(fields=["item", "case"], name="recurrence_once")]

    def __str__(self) -> str:
        return f"{self.case} ← {self.item}"

    @property
    def asks_for_rewording(self) -> bool:
        """It was answered as avoided, and happened all the same: the lesson does not say enough."""
        return self.verdict == Verdict.AVOIDED


class NoRecurrence(models.Model):
    """Somebody looked at the proposals for a new case, and none was it."""

    case = models.OneToOneField(CasePage, models.CASCADE, related_name="no_recurrence", verbose_name=_("新案例"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("不是复发")
        verbose_name_plural = _("不是复发")

    def __str__(self) -> str:
        return str(self.case)


class LessonReview(models.Model):
    """A published lesson was looked at again: because the trouble recurred, or because of its age (经验复核)."""

    case = models.ForeignKey(CasePage, models.CASCADE, related_name="lesson_reviews", verbose_name=_("案例"))
    settlement = models.CharField(_("结果"), max_length=12, choices=Settlement)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("经验复核")
        verbose_name_plural = _("经验复核")
        ordering = ("-reviewed_at", "-pk")

    def __str__(self) -> str:
        return f"{self.case} {self.get_settlement_display()}"
