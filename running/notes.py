"""What reading notes beside itself keeps nobody from reading: not on a full disk, not behind a long write."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from running.causes import causes_of
from running.full_disk import is_full_disk

BRIEFLY_MS = 500
LOCKED_SQLITE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
PRIMARY = 0xFF
"""The last byte of an error code of SQLite says what kind it is."""

LOCKED_POSTGRES = {"55P03"}
logger = logging.getLogger(__name__)


def note_if_possible(what: str, note: Callable[[], object]) -> None:
    """In a transaction of its own; left out where there is no room for it, or where another holds the lock. What it
    changes beside the database it changes last."""
    try:
        with waiting_briefly(), transaction.atomic():
            note()
    except Exception as error:
        if not (is_full_disk(error) or is_locked(error)):
            raise
        logger.error("the database takes nothing: %s not noted", what)  # noqa: TRY400  no trace: a disk may be full


@contextmanager
def waiting_briefly() -> Iterator[None]:
    """SQLite lets one write at a time; what is not worth half a minute's wait gives up soon."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    usual = int(connection.settings_dict["OPTIONS"].get("timeout", 5)) * 1000
    connection.connection.execute(f"PRAGMA busy_timeout = {BRIEFLY_MS}")
    try:
        yield
    finally:
        if connection.connection is not None:
            connection.connection.execute(f"PRAGMA busy_timeout = {usual}")


def is_locked(error: BaseException | None) -> bool:
    """Does another hold the lock that was waited for?"""
    return any(_is_lock(one) for one in causes_of(error))


def _is_lock(error: BaseException) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & PRIMARY in LOCKED_SQLITE:
        return True
    return getattr(error, "sqlstate", None) in LOCKED_POSTGRES
