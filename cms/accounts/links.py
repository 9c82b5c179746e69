"""Links that let a person set a password of his own: dead after use, after a day, and when the account is shut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

if TYPE_CHECKING:
    from estates.models import User


class LinkTokens(PasswordResetTokenGenerator):
    key_salt = "cms.accounts.links"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        """Besides password and last sign-in, which Django takes: the epoch, and whether the account is open."""
        return f"{super()._make_hash_value(user, timestamp)}{user.sign_in_epoch}{user.is_active}"


tokens = LinkTokens()


def password_link(user: User) -> str:
    """The whole address, of the site itself whatever host was asked."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return settings.SITE_URL + reverse("password-new", args=[uid, tokens.make_token(user)])
