from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Interest(models.TextChoices):
    """What a subscriber wants to read of; a mailing may ask for those of one interest."""

    MAGAZINE = "magazine", _("会刊")
    MILESTONES = "milestones", _("工程节点")
    ACTIVITIES = "activities", _("会员活动")
    NOTICES = "notices", _("通知")


class SubscriberState(models.TextChoices):
    PENDING = "pending", _("待本人确认")
    ACTIVE = "active", _("订阅中")
    LEFT = "left", _("已退订")
    STOPPED = "stopped", _("已停发")


class Source(models.TextChoices):
    WEB = "web", _("本人在网站登记")
    IMPORT = "import", _("凭同意记录导入")


class Reason(models.TextChoices):
    """Why an address gets nothing any more."""

    LEFT = "left", _("本人退订")
    BOUNCED = "bounced", _("地址退信")
    COMPLAINED = "complained", _("投诉为垃圾邮件")


class MailingKind(models.TextChoices):
    ISSUE = "issue", _("会刊")
    DIGEST = "digest", _("新经验简报")


class MailingState(models.TextChoices):
    PREPARED = "prepared", _("待批准")
    APPROVED = "approved", _("已批准")
    SENDING = "sending", _("发送中")
    PAUSED = "paused", _("已暂停")
    DONE = "done", _("已发完")
    CANCELLED = "cancelled", _("已取消")


class DeliveryState(models.TextChoices):
    """`claimed` lasts for the moment of sending. `unknown`: claimed, and no answer was seen."""

    QUEUED = "queued", _("待发")
    CLAIMED = "claimed", _("正在发")
    SENT = "sent", _("已发出")
    FAILED = "failed", _("未送达")
    UNKNOWN = "unknown", _("结果不明")
    LEFT_OUT = "left_out", _("发送前已退订")


SETTLED = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.LEFT_OUT)


class BounceKind(models.TextChoices):
    HARD = "hard", _("永久退信")
    SOFT = "soft", _("暂时退信")
    COMPLAINT = "complaint", _("投诉")


class Choice(models.TextChoices):
    """A person's word on a delivery whose end is unknown."""

    COUNT_AS_SENT = "sent", _("视为已发出")
    SEND_AGAIN = "again", _("再发一次")
