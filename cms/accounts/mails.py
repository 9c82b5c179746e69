"""The mail with which a person recovers his password, in his language. The link is made by the worker, so that it
stands in no task, and lies sealed in the mail queue until it is sent."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django_tasks import task

from cms.accounts.links import password_link
from estates.models import User


@task()
def send_link(user_id: int) -> bool:
    """False when the account is gone, shut or without an address."""
    user = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    if user is None:
        return False
    with translation.override(user.language or settings.LANGUAGE_CODE):
        context = {"user": user, "link": password_link(user), "hours": settings.PASSWORD_RESET_TIMEOUT // 3600}
        body = render_to_string("cms/accounts/recovery.txt", context)
        return bool(EmailMessage(str(_("设置案卷的新密码")), body, to=[user.email]).send())
