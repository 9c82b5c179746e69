from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from estates.models import Unit


class Tenure(models.Model):
    """The time during which one owner held a home (产权期), or one tenant rented it. A resale closes one and opens the
    next; both stay."""

    class Kind(models.TextChoices):
        OWNER = "owner", _("业主")
        TENANT = "tenant", _("租户")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="tenures", verbose_name=_("房号"))
    kind = models.CharField(_("产权关系"), max_length=8, choices=Kind, default=Kind.OWNER)
    opened_on = models.DateField(_("开始日期"))
    closed_on = models.DateField(_("结束日期"), null=True, blank=True)
    handover_on = models.DateField(_("交房日期"), null=True, blank=True)
    deed_on = models.DateField(_("办证日期"), null=True, blank=True)
    has_deed_number = models.BooleanField(_("产权证号已填"), default=False, editable=False)

    class Meta:
        verbose_name = _("产权期")
        verbose_name_plural = _("产权期")
        ordering = ("unit", "opened_on")
        indexes = [
            models.Index(fields=["deed_on"], condition=models.Q(has_deed_number=False), name="deed_number_lacks")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=models.Q(kind="owner", closed_on=None), name="one_owner_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["unit", "opened_on"], condition=models.Q(kind="owner"), name="one_sale_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_on=None) | models.Q(closed_on__gt=models.F("opened_on")), name="tenure_lasts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.opened_on}"

    @property
    def is_past(self) -> bool:
        return self.closed_on is not None
