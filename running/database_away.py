"""When a database is away: it restarts, is locked or full, or the way to it is broken. All else that it refuses is a
fault of ours."""

from __future__ import annotations

import re
import sqlite3

import psycopg
from django.db import Error, InterfaceError, OperationalError

from running.full_disk import is_full_disk
from running.notes import PRIMARY

AWAY_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
}
AWAY_POSTGRES = ("08", "57P", "53", "55P03", "40P01", "40001")
"""Beginnings of SQLSTATE: no connection, shut down, out of means, locked, deadlock, not serialisable."""


def is_database_away(error: BaseException | None) -> bool:
    """Told by the driver's error, which Django keeps as the cause; one that the server has given no state says that
    there is no server. What only happened after it went away, in the same transaction, counts too."""
    if not isinstance(error, Error):
        return False
    cause = error.__cause__
    if is_full_disk(error) or is_database_away(cause):
        return True
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & PRIMARY in AWAY_SQLITE
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return str(state).startswith(AWAY_POSTGRES)
    return isinstance(error, OperationalError | InterfaceError)


AWAY_WORDS = re.compile("locked|unable to open|disk I/O|is full|readonly")
"""Of SQLite, for each of AWAY_SQLITE."""
DRIVERS_LINE = re.compile(r"^(sqlite3|psycopg)\.(?:errors\.)?(\w+): ?(.*)$", re.MULTILINE)


def is_told_as_away(trace: str) -> bool:
    """The same of the trace of an OperationalError or InterfaceError, where the error itself is gone: its last line of
    a driver is its cause."""
    lines = DRIVERS_LINE.findall(trace)
    if not lines:
        return True
    driver, kind, words = lines[-1]
    if driver == "sqlite3":
        return AWAY_WORDS.search(words) is not None
    state = getattr(getattr(psycopg.errors, kind, None), "sqlstate", None)
    return state is None or str(state).startswith(AWAY_POSTGRES)
