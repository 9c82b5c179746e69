"""The closed lists of the case library, in the words of the domain."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from estates.wording import enumeration


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


class PackState(models.TextChoices):
    PREPARED = "prepared", _("准备中")
    HANDED_OVER = "handed_over", _("审查中")
    SIGNED = "signed", _("已签认")


class Verdict(models.TextChoices):
    """What a designer says about one item."""

    AVOIDED = "avoided", _("已规避")
    NOT_APPLICABLE = "not_applicable", _("不适用")
    NOT_AVOIDED = "not_avoided", _("未规避")


class ItemState(models.TextChoices):
    OPEN = "open", _("待回答")
    ANSWERED = "answered", _("待核对")
    SENT_BACK = "sent_back", _("已退回重答")
    ACCEPTED = "accepted", _("已认可")


TO_ANSWER = frozenset({ItemState.OPEN, ItemState.SENT_BACK})
SAID = frozenset({ItemState.ANSWERED, ItemState.ACCEPTED})
"""What waits for an answer, and what has one, whatever becomes of it."""


class Discipline(models.TextChoices):
    """Who of the design team answers an item (专业)."""

    ARCHITECTURE = "architecture", _("建筑与结构")
    PLUMBING = "plumbing", _("给排水与消防")
    HVAC = "hvac", _("暖通与燃气")
    ELECTRICAL = "electrical", _("电气与智能化")
    INTERIOR = "interior", _("室内")
    LANDSCAPE = "landscape", _("总图与景观")


class DrawingCause(models.TextChoices):
    """What was wrong with the drawing that caused a complaint."""

    OMISSION = "omission", _("漏项未画")
    DIMENSION = "dimension", _("尺寸与标高")
    DETAIL = "detail", _("构造做法")
    MATERIAL = "material", _("选材选型")
    PLACEMENT = "placement", _("布置与点位")
    COORDINATION = "coordination", _("专业之间未协调")


class Outcome(models.TextChoices):
    """What a department made of a published lesson."""

    ADOPTED = "adopted", _("已纳入标准图")
    NOT_APPLICABLE = "not_applicable", _("本部门不适用")


class Settlement(models.TextChoices):
    """How a lesson that was re-opened, or came up for review by age, was settled."""

    STILL_VALID = "still_valid", _("仍然有效")
    REWORDED = "reworded", _("已改写")


class Origin(models.TextChoices):
    STAFF = "staff", _("员工录入")
    IMPORTED = "imported", _("批量导入")


class ReviewStage(models.TextChoices):
    """The stages of a new project; each can demand that lessons were answered before it closes."""

    SCHEME = "scheme", _("方案设计")
    DRAWINGS = "drawings", _("施工图设计")
    CONSTRUCTION = "construction", _("施工及交验")
    PRE_HANDOVER = "pre_handover", _("交付前检查")
    HANDOVER = "handover", _("交付")


class ProductType(models.TextChoices):
    HIGH_RISE = "high_rise", _("高层住宅")
    MID_RISE = "mid_rise", _("小高层住宅")
    TERRACE = "terrace", _("洋房")
    VILLA = "villa", _("别墅")
    APARTMENT = "apartment", _("公寓")
    COMMERCIAL = "commercial", _("商业")
    OFFICE = "office", _("办公")


class Climate(models.TextChoices):
    """The climate zones of thermal design, GB 50176."""

    SEVERE_COLD = "severe_cold", _("严寒")
    COLD = "cold", _("寒冷")
    HOT_SUMMER_COLD_WINTER = "hot_summer_cold_winter", _("夏热冬冷")
    HOT_SUMMER_WARM_WINTER = "hot_summer_warm_winter", _("夏热冬暖")
    MILD = "mild", _("温和")


class Component(models.TextChoices):
    """Parts that a project has or has not, and that a lesson is about."""

    BASEMENT = "basement", _("地下室与车库")
    ROOF = "roof", _("屋面")
    FACADE = "facade", _("外墙")
    CURTAIN_WALL = "curtain_wall", _("幕墙")
    SKYLIGHT = "skylight", _("采光顶")
    WINDOWS = "windows", _("门窗")
    BALCONY = "balcony", _("阳台与露台")
    KITCHEN = "kitchen", _("厨房")
    BATHROOM = "bathroom", _("卫生间")
    INTERIOR = "interior", _("户型与户内装修")
    LOBBY = "lobby", _("大堂、走廊与楼梯")
    LIFT = "lift", _("电梯")
    AIR_CONDITIONING = "air_conditioning", _("空调与通风")
    HEATING = "heating", _("供暖")
    RADIANT_HEATING = "radiant_heating", _("地暖")
    DRAINAGE = "drainage", _("给排水")
    ELECTRICAL = "electrical", _("强电与照明")
    SMART = "smart", _("弱电与智能化")
    FIRE = "fire", _("消防")
    GAS = "gas", _("燃气")
    LANDSCAPE = "landscape", _("景观绿化")
    WATER_FEATURE = "water_feature", _("水景")
    TRAFFIC = "traffic", _("总图与交通")
    AMENITIES = "amenities", _("公共设施与标识")
    CLUBHOUSE = "clubhouse", _("会所")


DISCIPLINES: dict[str, Discipline] = {
    **dict.fromkeys((Component.DRAINAGE, Component.FIRE), Discipline.PLUMBING),
    **dict.fromkeys(
        (Component.AIR_CONDITIONING, Component.HEATING, Component.RADIANT_HEATING, Component.GAS), Discipline.HVAC
    ),
    **dict.fromkeys((Component.ELECTRICAL, Component.SMART, Component.LIFT), Discipline.ELECTRICAL),
    **dict.fromkeys((Component.INTERIOR, Component.KITCHEN, Component.BATHROOM), Discipline.INTERIOR),
    **dict.fromkeys(
        (Component.LANDSCAPE, Component.WATER_FEATURE, Component.TRAFFIC, Component.AMENITIES), Discipline.LANDSCAPE
    ),
}
"""Which discipline a component falls to; the others are architecture's."""


def discipline_of(components: Iterable[str]) -> Discipline:
    """By the first of the components, in the order of the closed list, that is not architecture's."""
    chosen = set(components)
    found = (DISCIPLINES[one] for one in Component if one in chosen and one in DISCIPLINES)
    return next(found, Discipline.ARCHITECTURE)


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
    "verdict": Verdict,
    "outcome": Outcome,
    "discipline": Discipline,
}
"""By the name of the field that holds a value of the list."""


def word(row: models.Model, name: str) -> str:
    """The words of a closed list's value; empty for no value, the value itself where the list has it no more. As
    `get_…_display`, without hashing the whole list."""
    value = getattr(row, name)
    if not value:
        return ""
    closed = CLOSED_LISTS[name]
    return str(closed(value).label) if value in closed else str(value)


def label_of(choices: type[models.TextChoices], code: str) -> str:
    """The word of one code; empty for none, or for one that the list has no more."""
    return str(choices(code).label) if code in choices else ""


def listed(choices: type[models.Choices], codes: Iterable[str]) -> str:
    """The words of several codes of a closed list; a code that the list has no more is shown as it is."""
    known = dict(choices.choices)
    return enumeration(known.get(code, code) for code in codes)
