from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.life_vocabulary import ChangeState
from archives.models.customers import ProfileVersion
from archives.models.documents import DossierDocument
from archives.models.dossiers import DossierPage
from archives.models.evidence import compared_words
from archives.models.history import SealedNote
from archives.vocabulary import Channel
from vault.sealing import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archives.items import Value


class ChangeRequest(SealedNote):
    """A customer asks that filed data be changed (客户信息变更). `codes` are the items, the new values are sealed;
    `evidence` says of each kind whether it matched, never what was named. The note is the reason of a refusal.
    `version` is the profile version that it made."""

    dossier = models.ForeignKey(DossierPage, models.PROTECT, related_name="changes", verbose_name=_("客户档案"))
    number = models.PositiveIntegerField(_("第几次变更"))
    channel = models.CharField(_("来自哪里"), max_length=12, choices=Channel)
    received_on = models.DateField(_("收到日期"))
    form = models.ForeignKey(DossierDocument, models.PROTECT, related_name="+", verbose_name=_("变更登记表"))
    evidence = models.JSONField(default=dict)
    codes = models.JSONField(default=list)
    sealed_changes = models.BinaryField()
    state = models.CharField(_("状态"), max_length=10, choices=ChangeState, default=ChangeState.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("受理人"))
    asked_at = models.DateTimeField(_("受理时间"), auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("审批人")
    )
    decided_at = models.DateTimeField(_("审批时间"), null=True)
    version = models.OneToOneField(
        ProfileVersion, models.PROTECT, null=True, related_name="change", verbose_name=_("客户资料版本")
    )

    class Meta:
        verbose_name = _("资料变更申请")
        verbose_name_plural = _("资料变更申请")
        ordering = ("-asked_at", "-pk")
        constraints = [models.UniqueConstraint(fields=["dossier", "number"], name="change_once")]

    def __str__(self) -> str:
        return f"{self.dossier.key} · {self.number}"

    @property
    def compared(self) -> list[tuple[str, str, str]]:
        """Each kind of evidence: its words, the result's code and words."""
        return compared_words(self.evidence)

    def seal_changes(self, subject: str, values: Mapping[str, Value]) -> None:
        """`values` are what each item shall be; an empty one goes."""
        told = json.dumps(dict(values), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        self.sealed_changes = seal(subject, self.spot("sealed_changes"), told.encode())

    def changes(self, subject: str) -> dict[str, Value]:
        """Raises what `vault.sealing.unseal` raises."""
        told: dict[str, Value] = json.loads(unseal(subject, self.spot("sealed_changes"), bytes(self.sealed_changes)))
        return told
