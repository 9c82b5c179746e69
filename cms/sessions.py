"""Sessions in the database. Where its disk is full, who signs in carries a short session in the signed cookie, so that
reading goes on."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core import signing
from django.db import DatabaseError

from running.full_disk import is_full_disk

CARRIED = "carried."
SALT = "cms.sessions"
CARRIED_SECONDS = 3600
"""It cannot be ended from here, so it ends soon."""

logger = logging.getLogger(__name__)


class SessionStore(DatabaseStore):
    @property
    def is_carried(self) -> bool:
        return (self.session_key or "").startswith(CARRIED)

    def load(self) -> dict[str, Any]:
        if not self.is_carried:
            return super().load()
        try:
            told: dict[str, Any] = signing.loads(
                str(self.session_key).removeprefix(CARRIED), salt=SALT, max_age=CARRIED_SECONDS
            )
        except signing.BadSignature:
            self._session_key = None
            return {}
        return told

    def exists(self, session_key: str) -> bool:
        return not session_key.startswith(CARRIED) and super().exists(session_key)

    def save(self, must_create: bool = False) -> None:
        if self.is_carried:
            self._session_cache = dict(self.items())
            self._session_key = None  # there may be room again
        try:
            super().save(must_create)
        except (DatabaseError, UpdateError) as error:
            if not is_full_disk(error):
                raise
            logger.error("the disk is full: a session was not saved")  # noqa: TRY400
            if must_create:
                self._session_key = CARRIED + signing.dumps(
                    getattr(self, "_session_cache", {}), salt=SALT, compress=True
                )

    def delete(self, session_key: str | None = None) -> None:
        if (session_key or self.session_key or "").startswith(CARRIED):
            return
        try:
            super().delete(session_key)
        except DatabaseError as error:
            if not is_full_disk(error):
                raise
            logger.error("the disk is full: a session was not deleted")  # noqa: TRY400
