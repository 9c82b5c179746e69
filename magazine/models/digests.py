from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from casebook.fields import ChoiceListField
from casebook.vocabulary import Discipline


class Rhythm(models.TextChoices):
    WEEK = "week", _("每周一")
    MONTH = "month", _("每月一日")
    NEVER = "never", _("不寄")


class DigestWish(models.Model):
    """How often a colleague wants the digest of new lessons, and of which disciplines; none chosen means all. Who
    chose nothing gets it weekly."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("用户"))
    rhythm = models.CharField(_("多久一次"), max_length=6, choices=Rhythm, default=Rhythm.WEEK)
    disciplines = ChoiceListField(_("专业"), choices_of=Discipline)

    class Meta:
        verbose_name = _("简报设置")
        verbose_name_plural = _("简报设置")

    def __str__(self) -> str:
        return f"{self.user_id}"
