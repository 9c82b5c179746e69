from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.life_vocabulary import Term, Trigger
from archives.models.templates import in_english
from archives.models.tenures import Tenure
from archives.vocabulary import CustomerKind


class RetentionRule(models.Model):
    """How long dossiers of a kind are kept, from when. The first active rule that fits is frozen into a dossier when it
    is filed; later changes touch only dossiers filed later."""

    code = models.SlugField(_("规则代码"), max_length=40, unique=True)
    label = models.CharField(_("名称"), max_length=60)
    label_en = models.CharField(_("名称（英文）"), max_length=80, blank=True)
    tenure_kind = models.CharField(_("只对产权关系"), max_length=8, choices=Tenure.Kind, blank=True)
    customer_kind = models.CharField(_("只对客户类型"), max_length=12, choices=CustomerKind, blank=True)
    term = models.CharField(_("保管期限"), max_length=10, choices=Term)
    trigger = models.CharField(_("从哪件事算起"), max_length=14, choices=Trigger, default=Trigger.TENURE_CLOSED)
    is_active = models.BooleanField(_("启用"), default=True)
    sort_order = models.PositiveSmallIntegerField(_("次序"), default=0)

    class Meta:
        verbose_name = _("保管期限规则")
        verbose_name_plural = _("保管期限规则")
        ordering = ("sort_order", "pk")

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        return (in_english() and self.label_en) or self.label
