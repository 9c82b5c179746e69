from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from casebook import policies
from casebook.applicability import Profile
from casebook.fields import ChoiceListField
from casebook.vocabulary import Climate, Component, Library, ProductType, ReviewStage
from estates.models import Estate

if TYPE_CHECKING:
    from estates.access import Person


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: Person) -> Self:
        """Where every read for a person begins."""
        return self.filter(policies.visible_projects(user))


class Project(models.Model):
    """A new project (新项目): an estate, or a phase of one, that is being designed or built."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="+", verbose_name=_("楼盘"))
    name = models.CharField(_("项目名称"), max_length=80)
    product_types = ChoiceListField(_("产品类型"), choices_of=ProductType)
    climate = models.CharField(_("气候分区"), max_length=24, choices=Climate)
    components = ChoiceListField(_("包含的部位"), choices_of=Component)
    homes = models.PositiveIntegerField(_("计划户数"), null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("新项目")
        verbose_name_plural = _("新项目")
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "name"],
                name="project_once",
                violation_error_message=_("这个楼盘已经有同名的项目。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.estate} · {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("casebook:project", args=[self.pk])

    def profile(self, stage: ReviewStage, library: Library) -> Profile:
        return Profile(stage, library, frozenset(self.product_types), self.climate, frozenset(self.components))


class ProjectStage(models.Model):
    """One stage of a project; where it demands a review, it closes only after a signed one."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="stages", verbose_name=_("新项目"))
    kind = models.CharField(_("阶段"), max_length=16, choices=ReviewStage)
    demands_review = models.BooleanField(_("结束前须完成经验审查"), default=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)

    class Meta:
        verbose_name = _("项目阶段")
        verbose_name_plural = _("项目阶段")
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["project", "kind"], name="project_stage_once")]

    def __str__(self) -> str:
        return f"{self.project} · {self.get_kind_display()}"
