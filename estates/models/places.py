from __future__ import annotations

from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from estates.access import Person, reach_of
from estates.roles import Role
from estates.unit_codes import CANONICAL, UnitCode

ESTATE_CODE = RegexValidator(r"\A[A-Z0-9]{2,8}\Z", _("楼盘代码是 2–8 个大写字母或数字，例如 YLW。"), "estate_code")


class EstateQuerySet(models.QuerySet["Estate"]):
    def visible_to(self, user: Person) -> Self:
        """Estates that any of the user's assignments reaches."""
        return self.filter(reach_of(user, frozenset(Role)).q("pk"))

    def managed_by(self, user: Person) -> Self:
        return self.filter(reach_of(user, {Role.MANAGER}).q("pk"))

    def fileable_by(self, user: Person) -> Self:
        """Estates on which the user may file cases."""
        return self.filter(reach_of(user, {Role.EDITOR, Role.MANAGER}).q("pk"))


class Estate(models.Model):
    """A development (楼盘/项目). Its code is part of every number and path and never changes once used."""

    class Stage(models.TextChoices):
        PLANNING = "planning", _("规划中")
        BUILDING = "building", _("在建")
        OCCUPIED = "occupied", _("已入住")

    code = models.CharField(
        _("楼盘代码"),
        max_length=8,
        unique=True,
        validators=[ESTATE_CODE],
        error_messages={"unique": _("这个楼盘代码已有楼盘使用，请换一个。")},
    )
    name = models.CharField(_("楼盘名称"), max_length=60, unique=True)
    city = models.CharField(_("城市"), max_length=40, blank=True)
    stage = models.CharField(_("楼盘阶段"), max_length=20, choices=Stage, default=Stage.OCCUPIED)

    homes = models.PositiveIntegerField(
        _("总户数"), null=True, blank=True, help_text=_("用来计算每百户的问题数；不填时按已登记的房屋计。")
    )

    objects = EstateQuerySet.as_manager()

    class Meta:
        verbose_name = _("楼盘")
        verbose_name_plural = _("楼盘")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.pk and self.code != Estate.objects.values_list("code", flat=True).get(pk=self.pk):
            raise ValidationError({"code": _("楼盘代码已写入编号和路径，不能修改。")})


class Phase(models.Model):
    estate = models.ForeignKey(Estate, models.CASCADE, related_name="phases", verbose_name=_("楼盘"))
    name = models.CharField(_("分期名称"), max_length=40)

    class Meta:
        verbose_name = _("分期")
        verbose_name_plural = _("分期")
        constraints = [models.UniqueConstraint(fields=["estate", "name"], name="phase_once_per_estate")]

    def __str__(self) -> str:
        return self.name


class Building(models.Model):
    estate = models.ForeignKey(Estate, models.CASCADE, related_name="buildings", verbose_name=_("楼盘"))
    phase = models.ForeignKey(Phase, models.SET_NULL, null=True, blank=True, verbose_name=_("分期"))
    code = models.CharField(_("楼栋号"), max_length=4)

    class Meta:
        verbose_name = _("楼栋")
        verbose_name_plural = _("楼栋")
        constraints = [models.UniqueConstraint(fields=["estate", "code"], name="building_once_per_estate")]

    def __str__(self) -> str:
        return f"{self.code}栋"


class Unit(models.Model):
    """A home. `code` is canonical (`3-2-1201`); `is_registered` is False until the unit list knows it."""

    estate = models.ForeignKey(Estate, models.CASCADE, related_name="units", verbose_name=_("楼盘"))
    building = models.ForeignKey(Building, models.CASCADE, related_name="units", verbose_name=_("楼栋"))
    code = models.CharField(_("房号"), max_length=16, validators=[RegexValidator(rf"\A(?:{CANONICAL.pattern})\Z")])
    unit_type = models.CharField(_("户型"), max_length=40, blank=True)
    area = models.DecimalField(
        _("面积（m²）"), max_digits=8, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(1)]
    )
    is_registered = models.BooleanField(_("已核实"), default=True)

    class Meta:
        verbose_name = _("房屋")
        verbose_name_plural = _("房屋")
        ordering = ("estate", "code")
        constraints = [models.UniqueConstraint(fields=["estate", "code"], name="unit_once_per_estate")]

    def __str__(self) -> str:
        return self.written

    @property
    def written(self) -> str:
        return UnitCode(*self.code.split("-")).written
