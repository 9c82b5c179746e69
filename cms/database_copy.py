"""The database of a backup: copied as it was at one moment, compared when it is unpacked, loaded again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.apps import apps
from django.db import connection, transaction
from django.utils.translation import gettext as _

SQLITE, POSTGRES = "anjuan.sqlite3", "database.pgdump"


class BackupError(Exception):
    """The backup cannot be made or read; the message says why and what to do."""


@dataclass
class Manifest:
    """What a backup holds: SHA-256 by member, rows by table, and the access register's end."""

    made_at: str = ""
    engine: str = ""
    members: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    register: tuple[int, str] = (0, "")
    key_copy: str = ""


@contextmanager
def database_copy(scratch: Path, manifest: Manifest) -> Iterator[Path]:
    copy = _sqlite_copy if connection.vendor == "sqlite" else _postgres_copy
    yield copy(scratch, manifest)


def _sqlite_copy(scratch: Path, manifest: Manifest) -> Path:
    """By SQLite's own backup: consistent while others write."""
    target = scratch / SQLITE
    connection.ensure_connection()
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        manifest.rows = {table: _count(copy, table) for table in _tables()}
        manifest.register = _register_end(copy)
    return target


def _count(copy: sqlite3.Connection, table: str) -> int:
    return int(copy.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])  # noqa: S608  a table of our own models


def _register_end(copy: sqlite3.Connection) -> tuple[int, str]:
    row = copy.execute("SELECT sequence, mac FROM vault_registerhead WHERE id = 1").fetchone()
    return (int(row[0]), str(row[1])) if row else (0, "")


def _postgres_copy(scratch: Path, manifest: Manifest) -> Path:
    """pg_dump and the counts look at one exported snapshot."""
    program = shutil.which("pg_dump")
    if program is None:
        raise BackupError(_("没有找到 pg_dump。请安装 PostgreSQL 的客户端程序。"))
    target = scratch / POSTGRES
    given = connection.settings_dict
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        command = [program, "-Fc", "--no-owner", f"--snapshot={snapshot}", "-f", str(target), str(given["NAME"])]
        _run(command, postgres_environment(given))
        for table in _tables():
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608  a table of our own models
            manifest.rows[table] = int(cursor.fetchone()[0])
        cursor.execute("SELECT sequence, mac FROM vault_registerhead WHERE id = 1")
        manifest.register = cursor.fetchone() or (0, "")
    return target


def postgres_environment(given: dict[str, object]) -> dict[str, str]:
    """How PostgreSQL's programs reach the database: by their own variables, so that no password stands in a command."""
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    return {**os.environ, **{name: str(given[key]) for name, key in names.items() if given.get(key)}}


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603  our own arguments
    if done.returncode:
        raise BackupError(f"{Path(command[0]).name}: {done.stderr.decode(errors='replace').strip()[-500:]}")


def _tables() -> list[str]:
    return sorted({model._meta.db_table for model in apps.get_models() if model._meta.managed})


def compare_rows(database: Path, manifest: Manifest) -> None:
    with closing(sqlite3.connect(database)) as copy:
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise BackupError(_("恢复出来的数据库不完整。"))
        differing = [table for table, count in manifest.rows.items() if _count(copy, table) != count]
        if differing or list(_register_end(copy)) != list(manifest.register):
            raise BackupError(
                _("和清单不一致：%(names)s") % {"names": "、".join(differing[:5]) or "vault_registerhead"}
            )


def load_dump(folder: Path, database: str) -> None:
    """Load a restored PostgreSQL dump into an empty database on the configured server. Raises BackupError."""
    program = shutil.which("pg_restore")
    if program is None:
        raise BackupError(_("没有找到 pg_restore。请安装 PostgreSQL 的客户端程序。"))
    command = [program, "--no-owner", "--exit-on-error", "-d", database, str(folder / POSTGRES)]
    _run(command, postgres_environment(connection.settings_dict))
