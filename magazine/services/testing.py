"""A draft as a mail, to the person who makes it."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from estates.models import User
from magazine import policies
from magazine.addresses import BadAddress, parse_address
from magazine.links import MailLinks
from magazine.messages import base_message, fill_message
from magazine.models import IssuePage
from magazine.rendering.mail import mail_html, mail_text
from magazine.services.errors import MagazineError
from outputs.outgoing.queueing import ReadyMessage


def send_test(*, issue: IssuePage, to: User) -> str:
    """Queue it; returns the address that it goes to. Raises PermissionDenied; MagazineError when there is none."""
    if not policies.may_make_issues(to):
        raise PermissionDenied
    try:
        address = parse_address(to.email)
    except BadAddress as error:
        raise MagazineError(_("您的账号没有可用的邮箱，请联系系统管理员填写。")) from error
    content, site = issue.content, settings.SITE_URL
    links = MailLinks(issue=issue.full_url or site, copy=site)
    message = base_message(_("［试发］%(title)s") % {"title": issue.subject}, address)
    fill_message(message, text=mail_text(content, links), html=mail_html(content, links), leave=site, wishes=site)
    ReadyMessage(message, sender=settings.DEFAULT_FROM_EMAIL, recipient=address.spec).send()
    return address.spec
