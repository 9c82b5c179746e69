from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.models.dossiers import DossierPage
from archives.models.history import SealedNote
from archives.models.templates import in_english
from archives.vocabulary import CustomerKind, DocumentKind, Duty, Gate, Need, RuleKind
from estates.models import Estate


class GateRule(models.Model):
    """A condition of one of the four gates, held as data: what must hold, for which dossiers, who sees to it."""

    code = models.SlugField(_("规则代码"), max_length=40, unique=True)
    gate = models.CharField(_("关口"), max_length=10, choices=Gate)
    kind = models.CharField(_("规则"), max_length=14, choices=RuleKind)
    document_kind = models.CharField(_("文件种类"), max_length=16, choices=DocumentKind, blank=True)
    customer_kind = models.CharField(_("只对客户类型"), max_length=12, choices=CustomerKind, blank=True)
    need = models.CharField(_("只对客户需求"), max_length=10, choices=Need, blank=True)
    estate = models.ForeignKey(
        Estate, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("只用于楼盘")
    )
    duty = models.CharField(_("由谁补齐"), max_length=10, choices=Duty)
    fix = models.CharField(_("怎样补齐"), max_length=200)
    fix_en = models.CharField(_("怎样补齐（英文）"), max_length=200, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    sort_order = models.PositiveSmallIntegerField(_("次序"), default=0)

    class Meta:
        verbose_name = _("归档关口规则")
        verbose_name_plural = _("归档关口规则")
        ordering = ("sort_order", "pk")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(kind=RuleKind.DOCUMENT, document_kind=""),
                name="document_rule_names_document",
                violation_error_message=_("这条规则要求一种文件，请选择文件种类。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_gate_display()}：{self.get_kind_display()}"

    @property
    def fix_words(self) -> str:
        return (in_english() and self.fix_en) or self.fix


class GateOverride(SealedNote):
    """One missing thing let through: asked with a reason by one person, decided by a second. It holds for that `field`
    (an item's code, a document's kind) of that `version` of the customer's data, and for nothing else."""

    dossier = models.ForeignKey(DossierPage, models.CASCADE, related_name="overrides", verbose_name=_("客户档案"))
    rule = models.ForeignKey(GateRule, models.PROTECT, related_name="+", verbose_name=_("归档关口规则"))
    field = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField(_("资料的第几版"), default=0)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("申请人"))
    asked_at = models.DateTimeField(_("申请时间"), auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("批准人")
    )
    decided_at = models.DateTimeField(_("批准时间"), null=True)
    is_granted = models.BooleanField(_("同意"), null=True)

    class Meta:
        verbose_name = _("例外放行")
        verbose_name_plural = _("例外放行")
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "rule", "field", "version"],
                condition=models.Q(decided_at=None),
                name="one_override_waits",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.dossier_id}"
