"""The file of the data keys: a small SQLite database in the key folder, with an id of its own.

It is made with the master keys and never by the way: a store that is away is not an empty one.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

from django.utils.translation import gettext as _

from vault.fingerprints import KeysUnusable, restore_words

STORE_FILE = "subjects.sqlite3"
SECONDS = 30
SCHEMA = """
CREATE TABLE IF NOT EXISTS data_key (subject TEXT PRIMARY KEY, wrapped BLOB NOT NULL, made_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS destroyed (subject TEXT PRIMARY KEY, destroyed_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS identity (id TEXT PRIMARY KEY);
"""


def make_store(folder: Path) -> list[Path]:
    """Make the store if it is not there. Returns the new file; of two at once, one makes it."""
    path = folder / STORE_FILE
    if path.exists():
        return []
    temporary = folder / f"{STORE_FILE}.{os.getpid()}.new"
    temporary.touch(mode=0o600)
    with closing(sqlite3.connect(temporary)) as store, store:
        store.executescript(SCHEMA)
        store.execute("INSERT INTO identity VALUES (?)", [uuid4().hex])
    try:
        os.link(temporary, path)
    except FileExistsError:
        return []
    finally:
        temporary.unlink()
    return [path]


def store_id(folder: Path) -> str:
    """Raises KeysUnusable."""
    with opened_store(folder) as store:
        return str(store.execute("SELECT id FROM identity").fetchone()[0])


@contextmanager
def opened_store(folder: Path, *, writing: bool = False) -> Iterator[sqlite3.Connection]:
    """The store in one transaction: readers do not wait for each other. Deleted bytes are overwritten, no side file
    outlives it. Raises KeysUnusable where there is no store."""
    path = folder / STORE_FILE
    if not path.exists():
        told = _("密钥文件 %(file)s 不在。") % {"file": STORE_FILE}
        raise KeysUnusable(f"{told}{restore_words()}")
    with closing(sqlite3.connect(path, timeout=SECONDS, isolation_level=None)) as store:
        store.execute("PRAGMA secure_delete = ON")
        store.execute("PRAGMA synchronous = FULL")
        store.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
        try:
            yield store
        except BaseException:
            store.execute("ROLLBACK")
            raise
        store.execute("COMMIT")
