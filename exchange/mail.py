"""Outgoing mail to staff, through the queue: a slow mail server holds up no request, an absent one loses nothing."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage


class ColleagueMessage(EmailMessage):
    """To one user, who gets it only as long as he is active."""

    colleague: int


def mail_users(users: Iterable[int], *, subject: str, body: str) -> None:
    """Queue one mail to each active user with an address. Subject and body hold no personal data."""
    told = get_user_model().objects.filter(pk__in=list(users), is_active=True).exclude(email="").order_by("pk")
    for user in told:
        message = ColleagueMessage(" ".join(subject.split()), body, to=[user.email])
        message.colleague = user.pk
        message.send()
