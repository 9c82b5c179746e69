from __future__ import annotations

from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision

from estates.access import Person
from estates.models import Estate
from magazine import policies
from magazine.links import MailLinks
from magazine.models.subscribers import Subscriber, new_key
from magazine.vocabulary import BounceKind, DeliveryState, MailingKind, MailingState
from media.models import PublicPhoto


def new_delivery_key() -> str:
    """Lower-case letters and digits: it stands in the envelope's sender, whose case a server may change."""
    return uuid4().hex


class MailingQuerySet(models.QuerySet["Mailing"]):
    def visible_to(self, user: Person) -> Self:
        return self if policies.may_read_mailings(user) else self.none()

    def due(self) -> Self:
        """To be sent now: begun, or approved and its time has come."""
        begun = models.Q(state=MailingState.SENDING)
        ripe = models.Q(state=MailingState.APPROVED, scheduled_for__lte=timezone.now())
        return self.filter(begun | ripe)


class Mailing(models.Model):
    """Something that is sent once to many: frozen when it was prepared, approved by another person, then sent.

    `runner` is the process that sends now, `runner_seen_at` its last sign of life.
    """

    kind = models.CharField(_("种类"), max_length=8, choices=MailingKind)
    subject = models.CharField(_("邮件主题"), max_length=150)
    issue = models.ForeignKey(
        "magazine.IssuePage", models.PROTECT, null=True, related_name="mailings", verbose_name=_("期号")
    )
    revision_id = models.BigIntegerField(null=True, editable=False)
    """The version of the issue that was frozen."""
    period = models.CharField(max_length=20, unique=True, null=True, editable=False)
    """Of a digest: the week or month that it tells of; there is one of each."""
    state = models.CharField(_("状态"), max_length=10, choices=MailingState, default=MailingState.PREPARED)
    estates = models.ManyToManyField(Estate, blank=True, verbose_name=_("只发给这些楼盘"))
    interests = models.JSONField(default=list)
    prepared_at = models.DateTimeField(_("定稿时间"), auto_now_add=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("定稿人")
    )
    approved_at = models.DateTimeField(_("批准时间"), null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("批准人")
    )
    scheduled_for = models.DateTimeField(_("发送时间"), null=True)
    started_at = models.DateTimeField(_("开始发送"), null=True)
    finished_at = models.DateTimeField(_("发完时间"), null=True)
    trouble = models.CharField(_("发送遇到的问题"), max_length=300, blank=True)
    runner = models.UUIDField(null=True, editable=False)
    runner_seen_at = models.DateTimeField(null=True, editable=False)

    objects = MailingQuerySet.as_manager()

    class Meta:
        verbose_name = _("发送")
        verbose_name_plural = _("发送")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return reverse("magazine:mailing", args=[self.pk])

    @property
    def hands(self) -> set[int | None]:
        """Who froze it, and who wrote the version that was frozen: neither of them approves it."""
        writer = Revision.objects.filter(pk=self.revision_id).values_list("user", flat=True).first()
        return {self.prepared_by_id, writer}

    @property
    def is_open(self) -> bool:
        return self.state not in (MailingState.DONE, MailingState.CANCELLED)

    @property
    def is_edited_since(self) -> bool:
        """The issue on the web is no longer what is sent."""
        return bool(self.issue and self.issue.live_revision_id != self.revision_id)


class Edition(models.Model):
    """What one circle of recipients gets: frozen, the same for each but for the links of his own."""

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="editions", verbose_name=_("发送"))
    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    html = models.TextField()
    text = models.TextField()
    pdf = models.CharField(max_length=255, blank=True)
    """Where the printable PDF lies in the storage; empty for none."""
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    photos = models.JSONField(default=dict)
    """The versions of the public photos that were frozen, by their id."""

    class Meta:
        verbose_name = _("版本")
        verbose_name_plural = _("版本")

    def __str__(self) -> str:
        return f"{self.mailing_id}/{self.pk}"

    @property
    def photos_are_public(self) -> bool:
        """Whether every photo may still be seen, as it was frozen."""
        served = PublicPhoto.objects.served().filter(pk__in=self.photos).values_list("pk", "revision")
        return {str(pk): revision for pk, revision in served} == self.photos

    def links(self, issue: str) -> MailLinks:
        """Where its mail leads; `issue` is the address of the page on the web."""
        copy = settings.SITE_URL + reverse("magazine:copy", args=[self.key])
        pdf = settings.SITE_URL + reverse("magazine:copy-pdf", args=[self.key]) if self.pdf else ""
        return MailLinks(issue=issue, copy=copy, pdf=pdf)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def in_state(self, *states: DeliveryState) -> Self:
        return self.filter(state__in=states)

    def counted(self) -> dict[str, int]:
        """How many are in each state."""
        rows = self.order_by().values_list("state").annotate(count=models.Count("pk"))
        return dict.fromkeys(DeliveryState.values, 0) | dict(rows)


class Delivery(models.Model):
    """One mail to one recipient, a subscriber or a colleague. `claim` names the attempt under way: whoever claimed it
    is the only one who sends it. `answer` is what the server said, without addresses."""

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="deliveries", verbose_name=_("发送"))
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="+", verbose_name=_("版本"))
    subscriber = models.ForeignKey(Subscriber, models.SET_NULL, null=True, related_name="deliveries")
    colleague = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    key = models.CharField(max_length=32, unique=True, default=new_delivery_key, editable=False)
    domain = models.CharField(max_length=20)
    state = models.CharField(_("状态"), max_length=8, choices=DeliveryState, default=DeliveryState.QUEUED)
    claim = models.UUIDField(null=True)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    next_try_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(_("结束时间"), null=True)
    answer = models.CharField(_("服务器的回答"), max_length=200, blank=True)
    bounced = models.CharField(_("退信"), max_length=10, choices=BounceKind, blank=True)
    left_at = models.DateTimeField(_("由这封邮件退订"), null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("投递")
        verbose_name_plural = _("投递")
        constraints = [
            models.UniqueConstraint(fields=["mailing", "subscriber"], name="delivery_once_per_subscriber"),
            models.UniqueConstraint(fields=["mailing", "colleague"], name="delivery_once_per_colleague"),
        ]
        indexes = [
            models.Index(fields=["mailing", "state"], name="delivery_state"),
            models.Index(fields=["domain", "claimed_at"], name="delivery_rate"),
        ]

    def __str__(self) -> str:
        return f"{self.mailing_id}/{self.pk}"
