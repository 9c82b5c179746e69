from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.life_vocabulary import Decision, Disposal, HoldKind
from archives.models.dossiers import DossierPage
from archives.models.history import SealedNote
from estates.models import Estate


class Hold(SealedNote):
    """Nothing of the dossier is destroyed while it stands (暂停销毁). The note is why, in the customer's case."""

    dossier = models.ForeignKey(DossierPage, models.PROTECT, related_name="holds", verbose_name=_("客户档案"))
    kind = models.CharField(_("为什么暂停销毁"), max_length=12, choices=HoldKind)
    set_at = models.DateTimeField(_("设置时间"), auto_now_add=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("设置人"))
    lifted_at = models.DateTimeField(_("解除时间"), null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("解除人")
    )

    class Meta:
        verbose_name = _("暂停销毁")
        verbose_name_plural = _("暂停销毁")
        ordering = ("-set_at", "-pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.dossier_id}"


class DisposalList(models.Model):
    """Dossiers of an estate whose time is over, to be decided on one by one by two people (销毁清册)."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="+", verbose_name=_("楼盘"))
    made_at = models.DateTimeField(_("编制时间"), auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("编制人"))
    run_at = models.DateTimeField(_("执行时间"), null=True)
    run_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("执行人")
    )

    class Meta:
        verbose_name = _("销毁清册")
        verbose_name_plural = _("销毁清册")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.estate.code}-XH-{self.made_at.year}-{self.pk:03}"


class DisposalItem(models.Model):
    """One dossier of a list: what each of the two decided, and what became of it. Afterwards it is the tombstone:
    `documents`, `pages` and `digest` (of the SHA-256 of every stored file) say what was destroyed; `left` are paths and
    keys still to be destroyed when the run was cut off."""

    disposal = models.ForeignKey(DisposalList, models.PROTECT, related_name="items", verbose_name=_("销毁清册"))
    dossier = models.ForeignKey(DossierPage, models.PROTECT, related_name="disposals", verbose_name=_("客户档案"))
    due_on = models.DateField(_("保管期满"))
    term = models.CharField(_("保管期限"), max_length=10)
    first = models.CharField(_("鉴定意见"), max_length=8, choices=Decision, blank=True)
    first_at = models.DateTimeField(_("鉴定时间"), null=True)
    first_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("鉴定人")
    )
    second = models.CharField(_("批准意见"), max_length=8, choices=Decision, blank=True)
    second_at = models.DateTimeField(_("批准意见时间"), null=True)
    second_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("销毁批准人")
    )
    state = models.CharField(_("处置"), max_length=12, choices=Disposal, default=Disposal.WAITING)
    done_at = models.DateTimeField(_("处置时间"), null=True)
    documents = models.PositiveIntegerField(_("文件份数"), default=0)
    pages = models.PositiveIntegerField(_("总页数"), default=0)
    digest = models.CharField(max_length=64, blank=True)
    left = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("销毁清册的一项")
        verbose_name_plural = _("销毁清册的各项")
        ordering = ("disposal", "pk")
        constraints = [
            models.UniqueConstraint(fields=["disposal", "dossier"], name="disposal_item_once"),
            models.UniqueConstraint(
                fields=["dossier"], condition=models.Q(state=Disposal.WAITING), name="in_one_list_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.disposal_id} {self.dossier_id}"
