from __future__ import annotations

import secrets
from typing import Self
from uuid import uuid4

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from estates.access import Person
from estates.models import Estate
from magazine import policies
from magazine.vocabulary import Interest, Reason, Source, SubscriberState
from vault.sealing import Spot


def new_subject() -> str:
    return f"subscriber-{uuid4().hex}"


def new_key() -> str:
    """128 bits: whoever holds it got it by mail."""
    return secrets.token_urlsafe(16)


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def visible_to(self, user: Person) -> Self:
        return self if policies.may_read_subscribers(user) else self.none()

    def active(self) -> Self:
        return self.filter(state=SubscriberState.ACTIVE)

    def wanting(self, *, estates: list[int], interests: list[str]) -> Self:
        """Of one of the estates and with one of the interests; no estates or no interests means all. A subscriber
        who chose no estate reads of all."""
        chosen = self
        if estates:
            chosen = chosen.filter(models.Q(estates__in=estates) | models.Q(estates=None))
        if interests:
            wanted = models.Q()
            for interest in interests:
                wanted |= models.Q(**{f"wants_{interest}": True})
            chosen = chosen.filter(wanted)
        return chosen.distinct()


class Subscriber(models.Model):
    """Somebody who reads the member magazine by mail. The address is sealed with a key of its own, found by `token`;
    `domain` is the keyed token of what stands after the @. No customer record is tied to it, even if it is the same
    person."""

    subject = models.CharField(max_length=50, unique=True, default=new_subject, editable=False)
    token = models.CharField(max_length=20, unique=True)
    domain = models.CharField(max_length=20, db_index=True)
    sealed = models.BinaryField()
    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    state = models.CharField(_("状态"), max_length=8, choices=SubscriberState, default=SubscriberState.PENDING)
    source = models.CharField(_("来源"), max_length=8, choices=Source, default=Source.WEB)
    consent = models.CharField(_("同意的依据"), max_length=200, blank=True)
    consented_at = models.DateTimeField(_("同意时间"), null=True, blank=True)
    asked_at = models.DateTimeField(_("登记时间"), default=timezone.now)
    left_at = models.DateTimeField(_("退订时间"), null=True, blank=True)
    soft_bounces = models.PositiveSmallIntegerField(_("连续暂时退信"), default=0)
    estates = models.ManyToManyField(Estate, blank=True, verbose_name=_("关心的楼盘"))
    wants_magazine = models.BooleanField(Interest.MAGAZINE.label, default=True)
    wants_milestones = models.BooleanField(Interest.MILESTONES.label, default=True)
    wants_activities = models.BooleanField(Interest.ACTIVITIES.label, default=True)
    wants_notices = models.BooleanField(Interest.NOTICES.label, default=True)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        verbose_name = _("订阅人")
        verbose_name_plural = _("订阅人")
        indexes = [models.Index(fields=["state"], name="subscriber_state")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def spot(self) -> Spot:
        return Spot("magazine.Subscriber", self.subject, "sealed")

    @property
    def interests(self) -> list[str]:
        return [interest.value for interest in Interest if getattr(self, f"wants_{interest.value}")]


class Suppression(models.Model):
    """An address that gets nothing, known by its token only. It outlives the subscriber, so that no import brings him
    back; he himself may, by confirming anew."""

    token = models.CharField(max_length=20, unique=True)
    reason = models.CharField(_("原因"), max_length=10, choices=Reason)
    at = models.DateTimeField(_("时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("停发名单")
        verbose_name_plural = _("停发名单")

    def __str__(self) -> str:
        return self.token
