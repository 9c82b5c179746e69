"""Outgoing mail to staff, through the task queue: a slow mail server never holds up a request."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django_tasks import task


def mail_users(users: Iterable[int], *, subject: str, body: str) -> None:
    """Queue one mail to each active user with an address. Subject and body hold no personal data."""
    for pk in users:
        deliver.enqueue(pk, subject, body)


@task()
def deliver(user_id: int, subject: str, body: str) -> bool:
    """Send one mail; False when the user is gone, inactive or has no address."""
    user = get_user_model().objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    if user is None:
        return False
    return bool(EmailMessage(subject, body, to=[user.email]).send())
