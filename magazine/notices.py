"""Mail to readers about their subscription, and to staff about a mailing. A task is told row ids, never an address."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django_tasks import task
from mjml import mjml2html

from estates.models import User
from exchange.mail import mail_users
from magazine import policies
from magazine.carriers import Answer, End, carrier
from magazine.messages import base_message, envelope_sender, fill_message, leave_url, wishes_url
from magazine.models import Mailing, Subscriber
from magazine.services.subscribing import address_of
from magazine.vocabulary import SubscriberState


@task()
def send_confirmation(subscriber_id: int) -> bool:
    """The mail with the link by which the owner of the address says yes; to who subscribes already, the link to his
    wishes. False when it could not be sent."""
    row = Subscriber.objects.filter(pk=subscriber_id).first()
    if row is None:
        return False
    known = row.state == SubscriberState.ACTIVE
    url = wishes_url(row.key) if known else settings.SITE_URL + reverse("magazine:confirm", args=[row.key])
    context = {"url": url, "known": known, "site": settings.SITE_URL}
    subject = _("您已订阅会刊") if known else _("请确认订阅会刊")
    message = base_message(subject, address_of(row))
    fill_message(
        message,
        text=render_to_string("magazine/mail/confirm.txt", context),
        html=mjml2html(render_to_string("magazine/mail/confirm.mjml", context), disable_comments=True),
        leave=leave_url(row.key),
        wishes=wishes_url(row.key),
    )
    with carrier() as line:
        answer: Answer = line.send(message, sender=envelope_sender(row.key), recipient=address_of(row).spec)
    return answer.end == End.SENT


def tell_approvers(mailing: Mailing) -> None:
    """A mailing waits for a second person."""
    people = User.objects.filter(is_active=True, assignments__role__in=policies.APPROVERS).distinct()
    mail_users(
        [one.pk for one in people if policies.is_second_person(one, mailing)],
        subject=_("等您批准发送：%(subject)s") % {"subject": mailing.subject},
        body=f"{_('会刊已定稿，请看过后批准：')}\n{settings.SITE_URL}{mailing.get_absolute_url()}",
    )
