"""The database, from DATABASE_URL. SQLite is opened so that concurrent writers wait instead of failing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

Database = dict[str, object]

SQLITE_OPTIONS: dict[str, object] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}
POSTGRES_PLANNING = "-c random_page_cost=1.1 -c jit=off"
"""Tables of short rows on an SSD or in memory: at the server's own guess for spinning disks the full-text index is
passed over for common words (search at 100,000 records: p95 510 ms instead of 158)."""

ENGINES = {"django.db.backends.sqlite3", "django.db.backends.postgresql"}


def sqlite(path: Path | str, **options: object) -> Database:
    """Write-ahead log, immediate transactions and a kept connection: concurrent writers queue for 30 s, or for the
    `timeout` of the address."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": SQLITE_OPTIONS | options,
        "CONN_MAX_AGE": None,
    }


def database(url: str) -> Database:
    try:
        parsed = dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)
    except Exception as error:
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read: use sqlite:///path or postgres://user:password@host:port/name."
        ) from error
    if parsed.get("ENGINE") not in ENGINES:
        raise ImproperlyConfigured("DATABASE_URL must name sqlite or postgres.")
    if parsed["ENGINE"] == "django.db.backends.sqlite3":
        Path(parsed["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        return sqlite(parsed["NAME"], **_timeout_of(parsed.get("OPTIONS", {})))
    given = dict(parsed.get("OPTIONS", {}))
    given["options"] = f"{POSTGRES_PLANNING} {given.get('options', '')}".strip()
    return {**parsed, "OPTIONS": given}


def _timeout_of(options: Mapping[str, object]) -> Mapping[str, object]:
    if set(options) - {"timeout"} or not isinstance(options.get("timeout", 0), int):
        raise ImproperlyConfigured("DATABASE_URL: of SQLite only ?timeout=SECONDS can be set.")
    return options
