from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.life_vocabulary import Likeness, ProposalState
from archives.models.customers import Customer
from archives.models.dossiers import DossierPage
from archives.models.history import SealedNote


class DuplicateProposal(models.Model):
    """Two customers who may be one, with why; found by tokens, decided by a person. The first has the smaller id."""

    first = models.ForeignKey(Customer, models.CASCADE, related_name="+", verbose_name=_("客户"))
    second = models.ForeignKey(Customer, models.CASCADE, related_name="+", verbose_name=_("另一位客户"))
    reasons = models.JSONField(default=list)
    score = models.PositiveSmallIntegerField(_("相似程度"), default=0)
    state = models.CharField(_("状态"), max_length=10, choices=ProposalState, default=ProposalState.PROPOSED)
    proposed_at = models.DateTimeField(_("发现时间"), auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("判断人")
    )
    decided_at = models.DateTimeField(_("判断时间"), null=True)

    class Meta:
        verbose_name = _("可能重复的客户")
        verbose_name_plural = _("可能重复的客户")
        ordering = ("-score", "pk")
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="proposal_once")]
        indexes = [models.Index(fields=["state", "-score", "id"], name="proposal_waiting")]

    def __str__(self) -> str:
        return f"{self.first_id} = {self.second_id}"

    @property
    def why(self) -> list[str]:
        return [str(Likeness(code).label) for code in self.reasons]


class Merge(SealedNote):
    """One dossier taken into another, and all that is needed to undo it. The note, sealed for the kept dossier's
    customer, says why. `tenure` is what the other dossier's tenure was; versions are of the kept customer's profile."""

    keep = models.ForeignKey(DossierPage, models.PROTECT, related_name="merges", verbose_name=_("保留的档案"))
    other = models.ForeignKey(DossierPage, models.PROTECT, related_name="merged_away", verbose_name=_("并入的档案"))
    state_before = models.CharField(_("并入前的状态"), max_length=10)
    tenure = models.JSONField(null=True)
    version_before = models.PositiveIntegerField(_("合并前的版本"), default=0)
    version_after = models.PositiveIntegerField(_("合并后的版本"), default=0)
    made_at = models.DateTimeField(_("合并时间"), auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("合并人"))
    undone_at = models.DateTimeField(_("撤销时间"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("撤销人")
    )

    class Meta:
        verbose_name = _("档案合并")
        verbose_name_plural = _("档案合并")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["other"], condition=models.Q(undone_at=None), name="merged_once_at_a_time")
        ]

    def __str__(self) -> str:
        return f"{self.other_id} → {self.keep_id}"
