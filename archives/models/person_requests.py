from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.life_vocabulary import Effect, Place, RequestKind, RequestState
from archives.models.documents import DossierDocument
from archives.models.dossiers import DossierPage
from archives.models.evidence import compared_words
from archives.models.history import SealedNote
from archives.vocabulary import Channel


class PersonRequest(SealedNote):
    """What a customer asks about his own data (PIPL, articles 44–50), until when it is answered, and what was done
    where. The note is the reply. `left` is what a deletion still has to destroy outside the database."""

    dossier = models.ForeignKey(DossierPage, models.PROTECT, related_name="requests", verbose_name=_("客户档案"))
    number = models.PositiveIntegerField(_("第几次请求"))
    kind = models.CharField(_("请求种类"), max_length=12, choices=RequestKind)
    channel = models.CharField(_("来自哪里"), max_length=12, choices=Channel)
    received_on = models.DateField(_("收到日期"))
    due_on = models.DateField(_("答复期限"))
    evidence = models.JSONField(default=dict)
    by_agent = models.BooleanField(_("由代理人提出"), default=False)
    authority = models.ForeignKey(
        DossierDocument, models.SET_NULL, null=True, related_name="+", verbose_name=_("授权委托书")
    )
    state = models.CharField(_("状态"), max_length=10, choices=RequestState, default=RequestState.OPEN)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("请求受理人")
    )
    taken_at = models.DateTimeField(_("请求受理时间"), auto_now_add=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("答复人")
    )
    answered_at = models.DateTimeField(_("答复时间"), null=True)
    copied_at = models.DateTimeField(_("提供副本的时间"), null=True)
    effects = models.JSONField(default=list)
    left = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("个人信息请求")
        verbose_name_plural = _("个人信息请求")
        ordering = ("due_on", "pk")
        constraints = [models.UniqueConstraint(fields=["dossier", "number"], name="person_request_once")]

    def __str__(self) -> str:
        return f"{self.dossier.key} · {self.get_kind_display()} {self.number}"

    @property
    def compared(self) -> list[tuple[str, str, str]]:
        """Each kind of evidence: its words, the result's code and words."""
        return compared_words(self.evidence)

    @property
    def effect_words(self) -> list[tuple[str, str]]:
        """Each place that holds the data, and what was done there."""
        return [(str(Place(place).label), str(Effect(effect).label)) for place, effect in self.effects]
