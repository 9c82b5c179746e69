"""Mail to readers about their subscription, and to staff about a mailing."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from mjml import mjml2html

from estates.models import User
from exchange.mail import mail_users
from magazine import policies
from magazine.messages import base_message, fill_message, leave_url, wishes_url
from magazine.models import Mailing, Subscriber
from magazine.services.subscribing import address_of
from magazine.vocabulary import SubscriberState
from outputs.outgoing.queueing import ReadyMessage


def queue_confirmation(row: Subscriber) -> None:
    """The mail with the link by which the owner of the address says yes; to who subscribes already, the link to his
    wishes. In the caller's transaction; sealed with the subscriber's own key, so that it is erased with him."""
    known = row.state == SubscriberState.ACTIVE
    url = wishes_url(row.key) if known else settings.SITE_URL + reverse("magazine:confirm", args=[row.key])
    context = {"url": url, "known": known, "site": settings.SITE_URL}
    subject, address = _("您已订阅会刊") if known else _("请确认订阅会刊"), address_of(row)
    message = base_message(subject, address)
    fill_message(
        message,
        text=render_to_string("magazine/mail/confirm.txt", context),
        html=mjml2html(render_to_string("magazine/mail/confirm.mjml", context), disable_comments=True),
        leave=leave_url(row.key),
        wishes=wishes_url(row.key),
    )
    ReadyMessage(message, sender=settings.DEFAULT_FROM_EMAIL, recipient=address.spec, sealed_for=row.subject).send()


def tell_approvers(mailing: Mailing) -> None:
    """A mailing waits for a second person."""
    people = User.objects.filter(is_active=True, assignments__role__in=policies.APPROVERS).distinct()
    mail_users(
        [one.pk for one in people if policies.is_second_person(one, mailing)],
        subject=_("等您批准发送：%(subject)s") % {"subject": mailing.subject},
        body=f"{_('会刊已定稿，请看过后批准：')}\n{settings.SITE_URL}{mailing.get_absolute_url()}",
    )
