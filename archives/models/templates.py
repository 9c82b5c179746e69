from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel
from wagtail.models import Orderable

from archives.vocabulary import ItemKind, Sensitivity
from estates.models import Estate

CODE = RegexValidator(r"\A[a-z][a-z0-9_]{0,39}\Z", _("代码以小写字母开头，只用小写字母、数字和下划线。"))
SEPARATOR = "|"


def in_english() -> bool:
    return (get_language() or "").startswith("en")


class TemplateVersion(ClusterableModel):
    """A version of the dossier template. One is in force; a dossier keeps the version that it was filed under."""

    class State(models.TextChoices):
        PREPARED = "prepared", _("准备中")
        IN_FORCE = "in_force", _("使用中")
        PAST = "past", _("已停用")

    number = models.PositiveIntegerField(_("模板版本"), unique=True, editable=False)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.PREPARED, editable=False)
    note = models.CharField(_("修改说明"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False, verbose_name=_("建立人")
    )
    applied_at = models.DateTimeField(_("启用时间"), null=True, editable=False)

    panels = [
        FieldPanel("note"),
        InlinePanel("items", heading=_("模板项"), label=_("模板项")),
        InlinePanel("removals", heading=_("个别楼盘不用的项"), label=_("不用的项")),
    ]

    class Meta:
        verbose_name = _("档案模板")
        verbose_name_plural = _("档案模板")
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.number}"


class TemplateItem(Orderable):
    """One thing to know about a customer. Texts are Chinese with English beside them; options are one to a line,
    `中文 | English`."""

    template = ParentalKey(TemplateVersion, on_delete=models.CASCADE, related_name="items")
    code = models.CharField(_("代码"), max_length=40, validators=[CODE])
    section = models.CharField(_("分组"), max_length=40)
    section_en = models.CharField(_("分组（英文）"), max_length=60, blank=True)
    label = models.CharField(_("名称"), max_length=60)
    label_en = models.CharField(_("名称（英文）"), max_length=80, blank=True)
    help = models.CharField(_("填写说明"), max_length=300, blank=True)
    help_en = models.CharField(_("填写说明（英文）"), max_length=300, blank=True)
    kind = models.CharField(_("填写方式"), max_length=10, choices=ItemKind, default=ItemKind.TEXT)
    options = models.TextField(_("选项"), blank=True, help_text=_("一行一个：中文 | English"))
    sensitivity = models.CharField(_("敏感级别"), max_length=10, choices=Sensitivity, default=Sensitivity.PRIVATE)
    required = models.BooleanField(_("归档必填"), default=False)
    estate = models.ForeignKey(
        Estate,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("只用于楼盘"),
        help_text=_("留空表示全部楼盘。"),
    )

    panels = [
        FieldRowPanel([FieldPanel("code"), FieldPanel("kind")]),
        FieldRowPanel([FieldPanel("section"), FieldPanel("section_en")]),
        FieldRowPanel([FieldPanel("label"), FieldPanel("label_en")]),
        FieldRowPanel([FieldPanel("help"), FieldPanel("help_en")]),
        FieldPanel("options"),
        FieldRowPanel([FieldPanel("sensitivity"), FieldPanel("required"), FieldPanel("estate")]),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("模板项")
        verbose_name_plural = _("模板项")
        constraints = [models.UniqueConstraint(fields=["template", "code"], name="item_once_per_template")]

    def __str__(self) -> str:
        return self.words

    def clean(self) -> None:
        if self.kind in (ItemKind.CHOICE, ItemKind.CHOICES) and not self.choices:
            raise ValidationError({"options": _("单选和多选要写选项，一行一个。")})

    @property
    def words(self) -> str:
        return (in_english() and self.label_en) or self.label

    @property
    def section_words(self) -> str:
        return (in_english() and self.section_en) or self.section

    @property
    def help_words(self) -> str:
        return (in_english() and self.help_en) or self.help

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What is kept (the Chinese) and what is shown."""
        pairs = [line.partition(SEPARATOR) for line in self.options.splitlines() if line.strip()]
        return [(zh.strip(), (in_english() and en.strip()) or zh.strip()) for zh, _bar, en in pairs]


class TemplateRemoval(Orderable):
    """An item that one estate does not ask."""

    template = ParentalKey(TemplateVersion, on_delete=models.CASCADE, related_name="removals")
    estate = models.ForeignKey(Estate, models.CASCADE, related_name="+", verbose_name=_("楼盘"))
    code = models.CharField(_("不用的项的代码"), max_length=40, validators=[CODE])

    class Meta(Orderable.Meta):
        verbose_name = _("不用的项")
        verbose_name_plural = _("不用的项")
        constraints = [models.UniqueConstraint(fields=["template", "estate", "code"], name="removal_once")]

    def __str__(self) -> str:
        return f"{self.estate} {self.code}"
