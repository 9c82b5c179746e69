from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from casebook import policies
from casebook.applicability import DEFAULT_CAP
from casebook.models.cases import CasePage
from casebook.models.projects import ProjectStage
from casebook.outgoing import outgoing
from casebook.vocabulary import Discipline, ItemState, Library, PackState, Verdict

if TYPE_CHECKING:
    from estates.access import Person

LARGEST_PACK = 200


class PackQuerySet(models.QuerySet["ReviewPack"]):
    def visible_to(self, user: Person) -> Self:
        """Where every read for a person begins: those who prepare it, and once it is handed over its audience."""
        return self.filter(policies.visible_packs(user))


class ReviewPack(models.Model):
    """The lessons that a new project has to answer at one stage (审图经验包), for the audience of one library."""

    stage = models.ForeignKey(ProjectStage, models.PROTECT, related_name="packs", verbose_name=_("项目阶段"))
    library = models.CharField(_("案例库"), max_length=12, choices=Library)
    cap = models.PositiveSmallIntegerField(
        _("最多条数"),
        default=DEFAULT_CAP,
        validators=[MinValueValidator(1), MaxValueValidator(LARGEST_PACK)],
    )
    state = models.CharField(_("状态"), max_length=12, choices=PackState, default=PackState.PREPARED, editable=False)
    built_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    built_at = models.DateTimeField(auto_now_add=True)
    handed_over_at = models.DateTimeField(_("交付审查的时间"), null=True, editable=False)
    due_on = models.DateField(_("答复期限"), null=True, editable=False)
    reminded_on = models.DateField(null=True, editable=False)
    round = models.PositiveSmallIntegerField(_("轮次"), default=1, editable=False)
    first_round = models.ForeignKey("self", models.PROTECT, null=True, related_name="later_rounds", editable=False)
    previous = models.OneToOneField("self", models.PROTECT, null=True, related_name="next", editable=False)
    """The signed round that this one follows."""
    report = models.JSONField(null=True, editable=False)
    """The report on drawing causes that went with it, as it then stood."""

    objects = PackQuerySet.as_manager()

    class Meta:
        verbose_name = _("经验审查包")
        verbose_name_plural = _("经验审查包")
        ordering = ("-built_at", "-pk")

    def __str__(self) -> str:
        return f"{self.stage} · {self.get_library_display()}"

    def get_absolute_url(self) -> str:
        return reverse("casebook:pack", args=[self.pk])


class PackItemQuerySet(models.QuerySet["PackItem"]):
    def visible_to(self, user: Person) -> Self:
        """Where every read for a person begins."""
        packs = ReviewPack.objects.visible_to(user)
        return self.filter(policies.visible_items(user), pack__in=packs)


class PackItem(models.Model):
    """One lesson of a pack, or the problem to avoid where no lesson is written, as it read when it was put there."""

    pack = models.ForeignKey(ReviewPack, models.CASCADE, related_name="items", verbose_name=_("经验审查包"))
    case = models.ForeignKey(CasePage, models.PROTECT, related_name="+", verbose_name=_("案例"))
    version = models.PositiveBigIntegerField(_("版本"))
    """The id of the case's published revision that is shown."""
    position = models.PositiveSmallIntegerField(_("次序"))
    score = models.FloatField(default=0)
    reasons = models.JSONField(default=list)
    """Pairs of a Why and what it speaks of: [["homes", ["120"]], …]; empty where the manager added it."""
    shown = models.JSONField(default=dict)
    """The texts of that version, by name of SHOWN_FIELDS."""
    photos = models.JSONField(default=list)
    """The ids of that version's photos, in order."""
    is_positive = models.BooleanField(default=False)
    discipline = models.CharField(_("专业"), max_length=16, choices=Discipline, default=Discipline.ARCHITECTURE)
    state = models.CharField(_("状态"), max_length=12, choices=ItemState, default=ItemState.OPEN)
    answers = models.PositiveSmallIntegerField(default=0)
    """How many were given: the sequence of the latest."""
    verdict = models.CharField(_("结论"), max_length=16, choices=Verdict, blank=True)
    """The latest answer's."""
    reopened_for = models.CharField(max_length=120, blank=True)
    """What opened it again: a drawing with its revision, or one of the two reasons below; empty otherwise."""

    NOT_AVOIDED_BEFORE, LESSON_UPDATED = "=not avoided", "=lesson updated"
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = PackItemQuerySet.as_manager()

    SHOWN_FIELDS = ("number", "title", "description", "cause", "lesson", "requirement", "drawing_number", "category")

    class Meta:
        verbose_name = _("审查条目")
        verbose_name_plural = _("审查条目")
        ordering = ("position", "pk")
        constraints = [models.UniqueConstraint(fields=["pack", "case"], name="pack_item_once")]

    def __str__(self) -> str:
        return f"{self.position} {self.shown.get('title', '')}"

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **kwargs: Any) -> Self:
        """What was frozen before a number could be recognised is shown without it all the same."""
        item = super().from_db(db, field_names, values, **kwargs)
        if shown := item.__dict__.get("shown"):
            item.__dict__["shown"] = {name: outgoing(text) for name, text in shown.items()}
        return item

    @property
    def reopened_words(self) -> str:
        reasons = {self.NOT_AVOIDED_BEFORE: _("上一轮未规避"), self.LESSON_UPDATED: _("经验已更新")}
        return str(reasons.get(self.reopened_for, self.reopened_for))


class Assignee(models.Model):
    """Who answers the items of one discipline."""

    pack = models.ForeignKey(ReviewPack, models.CASCADE, related_name="assignees", verbose_name=_("经验审查包"))
    discipline = models.CharField(_("专业"), max_length=16, choices=Discipline)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("审查人"))

    class Meta:
        verbose_name = _("审查分工")
        verbose_name_plural = _("审查分工")
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["pack", "discipline"], name="assignee_once")]

    def __str__(self) -> str:
        return f"{self.get_discipline_display()} {self.user}"


class LeftOutCase(models.Model):
    """A case that applies and yet is not in the pack, and why: the cap, or a person's reason."""

    pack = models.ForeignKey(ReviewPack, models.CASCADE, related_name="left_out", verbose_name=_("经验审查包"))
    case = models.ForeignKey(CasePage, models.PROTECT, related_name="+", verbose_name=_("案例"))
    rank = models.PositiveIntegerField(_("名次"))
    score = models.FloatField(default=0)
    reason = models.CharField(_("未列入的原因"), max_length=200, blank=True)
    """Empty: the cap."""
    dropped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("未列入的案例")
        verbose_name_plural = _("未列入的案例")
        ordering = ("rank", "pk")
        constraints = [models.UniqueConstraint(fields=["pack", "case"], name="left_out_once")]

    def __str__(self) -> str:
        return f"{self.rank} {self.case}"
