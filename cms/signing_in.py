"""What signing in notes beside itself must not keep anybody out when the disk is full."""

from __future__ import annotations

import time
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.db import DatabaseError
from django.utils import timezone

from estates.models import User
from running.full_disk import is_full_disk, unless_disk_is_full

UNCOUNTED_SECONDS = 1.0
"""A wrong password that could not be counted costs so long instead."""


class AttemptsHandler(AxesDatabaseHandler):
    """Attempts are counted in the database as long as it takes them."""

    def user_login_failed(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().user_login_failed(*args, **kwargs)
        except DatabaseError as error:
            if not is_full_disk(error):
                raise
            time.sleep(UNCOUNTED_SECONDS)

    def user_logged_in(self, *args: Any, **kwargs: Any) -> None:
        with unless_disk_is_full("a sign-in"):
            super().user_logged_in(*args, **kwargs)

    def user_logged_out(self, *args: Any, **kwargs: Any) -> None:
        with unless_disk_is_full("a sign-out"):
            super().user_logged_out(*args, **kwargs)


def note_last_login(sender: type[User], user: User, **kwargs: Any) -> None:
    with unless_disk_is_full("the last sign-in"):
        User.objects.filter(pk=user.pk).update(last_login=timezone.now())
