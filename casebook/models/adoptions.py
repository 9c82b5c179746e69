from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from casebook.models.answers import WrittenOnce
from casebook.models.cases import CasePage
from casebook.vocabulary import Outcome
from estates.models import Department


class Adoption(WrittenOnce):
    """What a department made of a published lesson: into standard drawing No. …, or not applicable and why (采纳).

    The latest of a department counts; earlier ones stay.
    """

    case = models.ForeignKey(CasePage, models.CASCADE, related_name="adoptions", verbose_name=_("案例"))
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name=_("部门"))
    outcome = models.CharField(_("处理结果"), max_length=16, choices=Outcome)
    standard_number = models.CharField(_("标准图号"), max_length=60, blank=True)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("采纳")
        verbose_name_plural = _("采纳")
        ordering = ("-noted_at", "-pk")

    def __str__(self) -> str:
        return f"{self.department}: {self.get_outcome_display()} {self.standard_number}".strip()
