"""A backup is one encrypted file: every stored file, the database as it was at one moment, the registers' anchors, and
a manifest with the SHA-256 of each. The keys are not in it: whoever finds a backup cannot read it, and the key folder
is copied apart.

Files are written twice over: those that stand before the database is copied, then those that came meanwhile. So each
file that the copied database names is there, even one that was deleted or moved while the backup ran.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

import tink
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from media.integrity import stored_names
from vault.keyring import backup_cipher
from vault.register import anchor_file

BOUND = b"anjuan-backup-1"
SUFFIX, PART = ".backup", ".part"
MANIFEST, FILES, ANCHORS = "manifest.json", "files", "anchors/access.jsonl"
SQLITE, POSTGRES = "anjuan.sqlite3", "database.pgdump"
CHUNK = 1 << 20


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


def make_backup(folder: Path) -> Path:
    """Write a backup into the folder and return its path. Cut off at any moment it leaves no file that looks whole.

    Raises BackupError, vault.keyring.KeysMissing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = f"anjuan-{timezone.localtime():%Y%m%d-%H%M%S}-{os.getpid()}"
    part = folder / f"{name}{PART}"
    cipher = backup_cipher()
    try:
        with part.open("xb") as raw, cipher.new_encrypting_stream(raw, BOUND) as stream:
            _write(stream)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        whole = folder / f"{name}{SUFFIX}"
        part.replace(whole)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return whole


def _write(stream: IO[bytes]) -> None:
    manifest = Manifest(made_at=timezone.now().isoformat(), engine=connection.vendor)
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        _add_files(archive, manifest)
        with tempfile.TemporaryDirectory() as scratch, _database_copy(Path(scratch), manifest) as copy:
            with copy.open("rb") as content:
                _add(archive, manifest, copy.name, content, copy.stat().st_size)
            _add_files(archive, manifest)
        if anchor_file().exists():
            anchors = anchor_file().read_bytes()
            _add(archive, manifest, ANCHORS, io.BytesIO(anchors), len(anchors))
        told = json.dumps(vars(manifest), ensure_ascii=False).encode()
        _put(archive, MANIFEST, io.BytesIO(told), len(told))


def _add_files(archive: tarfile.TarFile, manifest: Manifest) -> None:
    """Every stored file that is not in the archive yet; one that goes away meanwhile is passed over."""
    for name in stored_names():
        if f"{FILES}/{name}" in manifest.members:
            continue
        try:
            size = default_storage.size(name)
            opened = default_storage.open(name, "rb")
        except FileNotFoundError:
            continue
        with opened as content:
            _add(archive, manifest, f"{FILES}/{name}", content, size)


def _add(archive: tarfile.TarFile, manifest: Manifest, name: str, content: IO[bytes], size: int) -> None:
    hashed = _Hashing(content)
    _put(archive, name, hashed, size)
    manifest.members[name] = hashed.digest.hexdigest()


def _put(archive: tarfile.TarFile, name: str, content: object, size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, 0o600, timezone.now().timestamp()
    archive.addfile(member, content)  # type: ignore[arg-type]


class _Hashing:
    """Reads through, and hashes what it reads."""

    def __init__(self, content: IO[bytes]) -> None:
        self.content, self.digest = content, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.content.read(size)
        self.digest.update(data)
        return data


@contextmanager
def _database_copy(scratch: Path, manifest: Manifest) -> Iterator[Path]:
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


def restore_backup(backup: Path, target: Path) -> Manifest:
    """Unpack into a new or empty folder, laid out like `var`, and compare every member's hash and every table's rows.

    A PostgreSQL dump is laid there as a file. Raises BackupError, vault.keyring.KeysMissing.
    """
    if target.exists() and any(target.iterdir()):
        raise BackupError(_("%(folder)s 不是空文件夹。请恢复到一个新的位置。") % {"folder": target})
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with backup.open("rb") as raw, backup_cipher().new_decrypting_stream(raw, BOUND) as stream:
            found, told = _unpack(stream, target)
    except (tink.TinkError, tarfile.TarError, EOFError) as error:
        raise BackupError(_("备份文件损坏、不完整，或不是用这套密钥做的。")) from error
    if told is None:
        raise BackupError(_("备份不完整：没有清单。"))
    manifest = Manifest(**json.loads(told))
    if wrong := sorted(name for name, digest in manifest.members.items() if found.get(name) != digest):
        raise BackupError(_("和清单不一致：%(names)s") % {"names": "、".join(wrong[:5])})
    if manifest.engine == "sqlite":
        _compare_rows(target / SQLITE, manifest)
    return manifest


def _unpack(stream: IO[bytes], target: Path) -> tuple[dict[str, str], bytes | None]:
    found: dict[str, str] = {}
    told = None
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is None:
                continue
            if member.name == MANIFEST:
                told = content.read()
                continue
            found[member.name] = _lay_down(content, target / _safe(member.name))
    return found, told


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise BackupError(_("备份里有不安全的路径：%(name)s") % {"name": name})
    return path


def _lay_down(content: IO[bytes], path: Path) -> str:
    digest = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _compare_rows(database: Path, manifest: Manifest) -> None:
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
