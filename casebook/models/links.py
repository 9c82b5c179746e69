from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casebook.fields import ChoiceListField
from casebook.models.packs import ReviewPack
from casebook.vocabulary import Discipline


class OutsideLink(models.Model):
    """A way in for an outside institute, without account: one pack, until a moment, with an access code (外部链接).

    Neither the address nor the code can be read from the row: it keeps their hashes.
    """

    pack = models.ForeignKey(ReviewPack, models.CASCADE, related_name="links", verbose_name=_("经验审查包"))
    institute = models.CharField(_("外部单位"), max_length=80)
    disciplines = ChoiceListField(_("专业"), choices_of=Discipline)
    """Which items it shows; empty: all of them."""
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    code_hash = models.CharField(max_length=128, editable=False)
    expires_at = models.DateTimeField(_("有效期至"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("外部链接")
        verbose_name_plural = _("外部链接")
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.institute

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and timezone.now() < self.expires_at


class LinkVisit(models.Model):
    """One thing done, or refused, through an outside link: when, what, and from where."""

    class Act(models.TextChoices):
        REFUSED = "refused", _("被拒绝")
        WRONG_CODE = "wrong_code", _("访问码错误")
        OPENED = "opened", _("打开")
        ITEM = "item", _("看条目")
        ANSWERED = "answered", _("答复")
        DRAWING = "drawing", _("看图纸")
        UPLOADED = "uploaded", _("上传图纸")

    link = models.ForeignKey(OutsideLink, models.CASCADE, related_name="visits", verbose_name=_("外部链接"))
    act = models.CharField(_("行为"), max_length=12, choices=Act)
    about = models.CharField(_("对象"), max_length=80, blank=True)
    address = models.GenericIPAddressField(_("来源地址"), null=True)
    network = models.CharField(max_length=43, blank=True, editable=False)
    """Whose codes are counted together: an address, or the /64 that one household of IPv6 has."""
    browser = models.CharField(_("浏览器"), max_length=200, blank=True)
    at = models.DateTimeField(_("时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("外部访问记录")
        verbose_name_plural = _("外部访问记录")
        ordering = ("-pk",)
        indexes = [models.Index(fields=["link", "network", "at"], name="visit_wrong_codes")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_act_display()}"
