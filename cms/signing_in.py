"""What signing in notes beside itself must not keep anybody out when the disk is full."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.db import DatabaseError
from django.utils import timezone

from estates.models import User
from running.full_disk import is_full_disk
from running.notes import note_if_possible

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
        note_if_possible("a sign-in", partial(super().user_logged_in, *args, **kwargs))

    def user_logged_out(self, *args: Any, **kwargs: Any) -> None:
        note_if_possible("a sign-out", partial(super().user_logged_out, *args, **kwargs))


def note_last_login(sender: type[User], user: User, **kwargs: Any) -> None:
    row = User.objects.filter(pk=user.pk)
    note_if_possible("the last sign-in", lambda: row.update(last_login=timezone.now()))
