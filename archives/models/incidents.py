from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.models.dossiers import DossierPage


class Incident(models.Model):
    """A leak, or the fear of one (个人信息安全事件): what happened, when, by whose account. Whom it touched is read
    from the access register. The words hold no personal data."""

    what = models.CharField(_("发生了什么"), max_length=300)
    since = models.DateTimeField(_("从什么时候"))
    until = models.DateTimeField(_("到什么时候"))
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("哪个账号")
    )
    measures = models.CharField(_("采取的措施"), max_length=500, blank=True)
    opened_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("登记人"))
    trained_on = models.DateField(_("培训日期"), null=True)
    training = models.CharField(_("培训内容"), max_length=300, blank=True)
    closed_at = models.DateTimeField(_("结束处理的时间"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("结束处理的人")
    )

    class Meta:
        verbose_name = _("个人信息安全事件")
        verbose_name_plural = _("个人信息安全事件")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.what


class Letter(models.Model):
    """A customer was told of an incident: when the letter was drafted, and by whom."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="letters", verbose_name=_("个人信息安全事件"))
    dossier = models.ForeignKey(DossierPage, models.CASCADE, related_name="+", verbose_name=_("客户档案"))
    drafted_at = models.DateTimeField(_("起草时间"), auto_now_add=True)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("起草人"))

    class Meta:
        verbose_name = _("事件告知书")
        verbose_name_plural = _("事件告知书")
        constraints = [models.UniqueConstraint(fields=["incident", "dossier"], name="letter_once")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.dossier_id}"
