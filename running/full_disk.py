"""A full disk, however it is told: by the file system, by SQLite, by PostgreSQL. Reading goes on regardless."""

from __future__ import annotations

import errno
import sqlite3

from running.causes import causes_of

FULL_ERRNO = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
FULL_SQLITE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_DIR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
}
FULL_POSTGRES = {"53100", "58030"}
"""disk_full, io_error."""


def is_full_disk(error: BaseException | None) -> bool:
    """Is a disk that takes nothing more behind it?"""
    return any(_is_full(one) for one in causes_of(error))


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in FULL_ERRNO:
        return True
    return getattr(error, "sqlite_errorcode", None) in FULL_SQLITE or getattr(error, "sqlstate", None) in FULL_POSTGRES
