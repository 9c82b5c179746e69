"""The closed lists of the case library, in the words of the domain."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Library(models.TextChoices):
    """A library is named for its audience; the value is also the name of the case's field."""

    DESIGN = "to_design", _("客服-设计")
    QUALITY = "to_quality", _("客服-质量")
    SERVICE = "to_service", _("客服")


class Category(models.TextChoices):
    SITE = "site", _("总体规划、公共设施、景观绿化")
    BUILDING = "building", _("建筑主体及户内")
    LIVING = "living", _("居住性能、设备布点")
    WORKMANSHIP = "workmanship", _("工程质量")


class Stage(models.TextChoices):
    DESIGN = "design", _("设计")
    MARKETING = "marketing", _("营销")
    CONSTRUCTION = "construction", _("施工及交验")
    HANDOVER = "handover", _("交房")
    OCCUPANCY = "occupancy", _("入住")
    OTHER = "other", _("其他")
    SUMMARY = "summary", _("总结提升")


class Severity(models.IntegerChoices):
    MINOR = 1, _("轻微")
    MODERATE = 2, _("一般")
    SERIOUS = 3, _("严重")
    CRITICAL = 4, _("重大")


class State(models.TextChoices):
    """Where a case stands. Who sees what in each state: docs/developers.md, «Who sees a case»."""

    DRAFT = "draft", _("草稿")
    IN_REVIEW = "in_review", _("审核中")
    RETURNED = "returned", _("已退回")
    PUBLISHED = "published", _("已发布")
    WITHDRAWN = "withdrawn", _("已撤回")
    VOID = "void", _("已作废")


class Origin(models.TextChoices):
    STAFF = "staff", _("员工录入")
    IMPORTED = "imported", _("批量导入")


class PhotoPhase(models.TextChoices):
    BEFORE = "before", _("整改前")
    AFTER = "after", _("整改后")
    OTHER = "other", _("其他照片")


RECORD_KIND = "AL"
"""The kind part of case numbers and file names (案例)."""

CLOSED_LISTS: dict[str, type[models.Choices]] = {
    "state": State,
    "category": Category,
    "stage": Stage,
    "severity": Severity,
    "origin": Origin,
    "phase": PhotoPhase,
}
"""By the name of the field that holds a value of the list."""


def word(row: models.Model, name: str) -> str:
    """The words of a closed list's value; empty for no value. As `get_…_display`, without hashing the whole list."""
    value = getattr(row, name)
    return str(CLOSED_LISTS[name](value).label) if value else ""
