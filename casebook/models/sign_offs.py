from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from casebook.models.answers import WrittenOnce
from casebook.models.packs import PackItem, ReviewPack


class SignOff(WrittenOnce):
    """Customer service signs a pack off (签认); from then on nothing in it changes.

    `digest`: SHA-256 over all that was asked, answered, checked and demanded; `services.signing.digest_of` computes it.
    """

    pack = models.OneToOneField(ReviewPack, models.PROTECT, related_name="sign_off", verbose_name=_("经验审查包"))
    remark = models.CharField(_("签认意见"), max_length=500, blank=True)
    digest = models.CharField(max_length=64, editable=False)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(_("签认时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("签认")
        verbose_name_plural = _("签认")

    def __str__(self) -> str:
        return f"{self.pack} · {self.signed_by}"


class Condition(models.Model):
    """What still has to be done after a sign-off, for one item, and by when (附带条件)."""

    sign_off = models.ForeignKey(SignOff, models.CASCADE, related_name="conditions", verbose_name=_("签认"))
    item = models.OneToOneField(PackItem, models.PROTECT, related_name="condition", verbose_name=_("审查条目"))
    demand = models.CharField(_("要求"), max_length=300)
    due_on = models.DateField(_("期限"))
    met_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    met_at = models.DateTimeField(null=True, editable=False)
    met_note = models.CharField(_("完成情况"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("附带条件")
        verbose_name_plural = _("附带条件")
        ordering = ("due_on", "pk")

    def __str__(self) -> str:
        return f"{self.due_on} {self.demand}"
