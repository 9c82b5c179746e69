"""Sessions in the database. Each ends SESSION_IDLE_MINUTES after a person last did something, and SESSION_COOKIE_AGE
after it began at the latest (decision 0033). Where the disk is full, who signs in carries a short session in the signed
cookie, so that reading goes on."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core import signing
from django.db import DatabaseError, Error, InterfaceError, OperationalError, transaction
from django.utils import timezone

from running.full_disk import is_full_disk
from running.notes import waiting_briefly

CARRIED = "carried."
SALT = "cms.sessions"
CARRIED_SECONDS = 3600
"""It cannot be ended from here, so it ends soon."""

BEGAN = "began"
MOVED_AT_MOST_EVERY = timedelta(minutes=1)
AWAY = (OperationalError, InterfaceError)

logger = logging.getLogger(__name__)


class SessionStore(DatabaseStore):
    ends_at: datetime | None = None
    """As the database has it; None where nothing was read from there."""

    @property
    def is_carried(self) -> bool:
        return (self.session_key or "").startswith(CARRIED)

    def load(self) -> dict[str, Any]:
        if not self.is_carried:
            return self._kept()
        try:
            told: dict[str, Any] = signing.loads(
                str(self.session_key).removeprefix(CARRIED), salt=SALT, max_age=CARRIED_SECONDS
            )
        except signing.BadSignature:
            self._session_key = None
            return {}
        return told

    def _kept(self) -> dict[str, Any]:
        row = self._get_session_from_db()  # type: ignore[attr-defined]
        told = self.decode(row.session_data) if row else {}
        if row is None or BEGAN not in told:  # it is over, or is of the time when sessions had no idle end
            self._session_key = None
            return {}
        self.ends_at = row.expire_date
        return told

    def put_off_end(self) -> None:
        """A person did something. Not written with the data, which another request may be changing, nor every time."""
        if self.ends_at is None or self.modified or BEGAN not in self:
            return
        end = _end_of(self[BEGAN])
        if end - self.ends_at < MOVED_AT_MOST_EVERY:
            return
        try:
            with waiting_briefly(), transaction.atomic():
                self.model.objects.filter(session_key=self.session_key).update(expire_date=end)
        except Error:
            logger.warning("the idle end of a session was not put off")

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        data.setdefault(BEGAN, int(timezone.now().timestamp()))
        row = super().create_model_instance(data)
        row.expire_date = _end_of(data[BEGAN])
        return row

    def cycle_key(self) -> None:
        """Who signs in, or proves again who he is, begins anew."""
        self.pop(BEGAN, None)
        super().cycle_key()

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
                if isinstance(error.__context__, AWAY):
                    # Nobody deleted the session, as UpdateError would say. The cause tells what it was.
                    raise error.__context__ from error.__context__.__cause__
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


def _end_of(began: int) -> datetime:
    latest = datetime.fromtimestamp(began, UTC) + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return min(timezone.now() + timedelta(minutes=settings.SESSION_IDLE_MINUTES), latest)
