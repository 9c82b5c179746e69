"""A frozen edition as the mail of one recipient: his own links, and the headers by which he can leave at once."""

from __future__ import annotations

from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from magazine.addresses import Address
from magazine.links import LEAVE, WISHES
from magazine.models import Delivery
from outputs.outgoing.envelopes import own_domain


def leave_url(key: str) -> str:
    return settings.SITE_URL + reverse("magazine:leave", args=[key])


def wishes_url(key: str) -> str:
    return settings.SITE_URL + reverse("magazine:wishes", args=[key])


def message_for(delivery: Delivery, address: Address) -> EmailMessage:
    """HTML with its text beside it. The address stands in *To* and nowhere else."""
    edition, mailing = delivery.edition, delivery.mailing
    message = base_message(mailing.subject, address)
    message["Message-ID"] = f"<{delivery.key}@{own_domain()}>"
    message["List-ID"] = f"<{mailing.kind}.{own_domain()}>"
    leave = wishes = settings.SITE_URL + reverse("magazine:digest")
    if delivery.subscriber_id:
        leave, wishes = leave_url(delivery.key), wishes_url(delivery.key)
        message["List-Unsubscribe"] = f"<{leave}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    fill_message(message, text=edition.text, html=edition.html, leave=leave, wishes=wishes)
    return message


def base_message(subject: str, address: Address) -> EmailMessage:
    """Subject, sender, recipient and date. A subject is one line, whatever was typed."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = " ".join(subject.split())
    name, spec = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message["From"] = HeaderAddress(name, addr_spec=spec)
    message["To"] = HeaderAddress(addr_spec=address.spec)
    message["Date"] = format_datetime(timezone.localtime())
    message["Auto-Submitted"] = "auto-generated"
    return message


def fill_message(message: EmailMessage, *, text: str, html: str, leave: str, wishes: str) -> None:
    message.set_content(text.replace(LEAVE, leave).replace(WISHES, wishes), cte="base64")
    personal = html.replace(LEAVE, escape(leave)).replace(WISHES, escape(wishes))
    message.add_alternative(personal, subtype="html", cte="base64")
