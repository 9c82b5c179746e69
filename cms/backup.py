"""A backup is one encrypted file: every stored file, the database as it was at one moment, the registers' anchors, and
a manifest with the SHA-256 of each. The keys are not in it: whoever finds a backup cannot read it. A copy of the keys
that belongs to it is written into a place of its own, and is compared with it when it is made and when it is restored.

Files are written twice over: those that stand before the database is copied, then those that came meanwhile. So each
file that the copied database names is there, even one that was deleted or moved while the backup ran.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import IO

import tink
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.database_copy import SQLITE, BackupError, Manifest, compare_rows, database_copy
from media.integrity import stored_names
from vault.key_copies import (
    SUFFIX as COPY_SUFFIX,
)
from vault.key_copies import (
    copies_folder,
    files_in,
    lay_down,
    read_copy,
    refresh_copies,
    unusable_in,
    write_copy,
)
from vault.keyring import backup_cipher, backup_cipher_in
from vault.register import anchor_file
from vault.subjects import needed_subjects

BOUND = b"anjuan-backup-1"
SUFFIX, PART = ".backup", ".part"
KEYS = "keys"
MANIFEST, FILES, ANCHORS = "manifest.json", "files", "anchors/access.jsonl"
SUBJECTS = "subjects.json"
"""Whose keys the backup needs, each with what it is called."""

NAMED = 50
CHUNK = 1 << 20


class KeysLacking(BackupError):
    """The keys are older than the data: `names` are what cannot be read with them."""

    def __init__(self, message: str, names: list[str]) -> None:
        self.names = names
        super().__init__(f"{message}\n{chr(10).join(names[:NAMED])}")


def make_backup(folder: Path) -> Path:
    """Write a backup into the folder and return its path, and the copy of the keys that belongs to it into its own.
    Cut off at any moment it leaves no file that looks whole.

    Raises BackupError, vault.fingerprints.KeysUnusable; KeysLacking after a backup was made whose copy of the keys
    does not open everything.
    """
    _refuse_together(folder)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"anjuan-{timezone.localtime():%Y%m%d-%H%M%S}-{os.getpid()}"
    part = folder / f"{name}{PART}"
    cipher = backup_cipher()
    try:
        with part.open("xb") as raw, cipher.new_encrypting_stream(raw, BOUND) as stream:
            subjects = _write(stream, name)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        whole = folder / f"{name}{SUFFIX}"
        part.replace(whole)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    refresh_copies()
    if lost := _names_without(read_copy(copies_folder() / f"{name}{COPY_SUFFIX}"), subjects):
        raise KeysLacking(_("备份已写好，但有 %(n)d 份内容没有能用的密钥：") % {"n": len(lost)}, lost)
    return whole


def _refuse_together(folder: Path) -> None:
    here, copies = folder.resolve(), copies_folder().resolve()
    if here == copies or here in copies.parents or copies in here.parents:
        raise BackupError(_("备份和密钥副本（ANJUAN_KEY_COPIES）要放在两个不同的地方，请换一个文件夹。"))


def _names_without(files: Mapping[str, bytes], subjects: Mapping[str, str]) -> list[str]:
    """What the subjects without a usable key are called."""
    return sorted(subjects[one] for one in unusable_in(files, subjects))


def _write(stream: IO[bytes], name: str) -> dict[str, str]:
    """The backup itself, and the copy of the keys once the database is in it. Returns whose keys it needs."""
    manifest = Manifest(made_at=timezone.now().isoformat(), engine=connection.vendor)
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        _add_files(archive, manifest)
        with tempfile.TemporaryDirectory() as scratch, database_copy(Path(scratch), manifest) as copy:
            with copy.open("rb") as content:
                _add(archive, manifest, copy.name, content, copy.stat().st_size)
            _add_files(archive, manifest)
        if anchor_file().exists():
            anchors = anchor_file().read_bytes()
            _add(archive, manifest, ANCHORS, io.BytesIO(anchors), len(anchors))
        subjects = dict(needed_subjects())
        called = json.dumps(subjects, ensure_ascii=False).encode()
        _add(archive, manifest, SUBJECTS, io.BytesIO(called), len(called))
        manifest.key_copy = write_copy(name).name
        told = json.dumps(vars(manifest), ensure_ascii=False).encode()
        _put(archive, MANIFEST, io.BytesIO(told), len(told))
    return subjects


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


def restore_backup(
    backup: Path, target: Path, *, key_copy: Path | None = None, accept_missing_keys: bool = False
) -> Manifest:
    """Unpack into a new or empty folder, laid out like `var`, and compare every member's hash, every table's rows, and
    whether each key that the data need is there: in the key folder, or in the copy, which is laid into `target/keys`.

    A PostgreSQL dump is laid there as a file. Raises BackupError, vault.fingerprints.KeysUnusable, and KeysLacking when
    the keys are older than the data, unless that is accepted. Then nothing stays: neither half of the data, with which
    somebody would work on, nor keys in a folder that nobody minds.
    """
    if target.exists() and any(target.iterdir()):
        raise BackupError(_("%(folder)s 不是空文件夹。请恢复到一个新的位置。") % {"folder": target})
    keys = read_copy(key_copy) if key_copy else None
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        return _restore_into(target, backup, keys, accept_missing_keys)
    except BaseException:
        _empty(target)
        raise


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()


def _restore_into(target: Path, backup: Path, keys: Mapping[str, bytes] | None, accept_missing_keys: bool) -> Manifest:
    folder = target / KEYS if keys else Path(settings.KEYS_ROOT)
    if keys:
        lay_down(keys, folder)
    try:
        with backup.open("rb") as raw, backup_cipher_in(folder).new_decrypting_stream(raw, BOUND) as stream:
            found, told = _unpack(stream, target)
    except (tink.TinkError, tarfile.TarError, EOFError) as error:
        raise BackupError(_("备份文件损坏、不完整，或不是用这套密钥做的。")) from error
    if told is None:
        raise BackupError(_("备份不完整：没有清单。"))
    manifest = Manifest(**json.loads(told))
    if wrong := sorted(name for name, digest in manifest.members.items() if found.get(name) != digest):
        raise BackupError(_("和清单不一致：%(names)s") % {"names": "、".join(wrong[:5])})
    if manifest.engine == "sqlite":
        compare_rows(target / SQLITE, manifest)
    if SUBJECTS in manifest.members:
        subjects = json.loads((target / SUBJECTS).read_bytes())
        (target / SUBJECTS).unlink()
        if not accept_missing_keys:
            _refuse_older_keys(keys or files_in(folder), subjects, manifest.key_copy)
    return manifest


def _refuse_older_keys(keys: Mapping[str, bytes], subjects: Mapping[str, str], copy: str) -> None:
    if lost := _names_without(keys, subjects):
        told = _("没有恢复：密钥比备份里的数据旧，%(n)d 份内容会永远打不开。") % {"n": len(lost)}
        what = _("请用 --key-copy 指定和这个备份同名的密钥副本（%(copy)s）。") % {"copy": copy}
        accept = _("确实没有更新的密钥时，加上 --accept-missing-keys。")
        raise KeysLacking(f"{told}{what}{accept}", lost)


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
