"""A copy of the key folder belongs to each backup: one encrypted file, in a place of its own (ANJUAN_KEY_COPIES).

It is opened by a password that is in no backup. Keys destroyed since are taken out of the earlier copies too: what was
deleted for a customer comes back from no backup and its copy of the keys.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping
from contextlib import closing
from functools import lru_cache
from pathlib import Path

import tink
from django.conf import settings
from django.utils.translation import gettext as _
from tink import aead, json_proto_keyset_format, proto_keyset_format, secret_key_access

from vault.fingerprints import KeysUnusable
from vault.key_store import STORE_FILE, opened_store
from vault.keyring import TEMPLATES

SUFFIX = ".keys"
HEAD = b"anjuan-keys-1\n"
SALT_BYTES, KEY_BYTES, MEMORY = 16, 32, 1 << 27
Files = Mapping[str, bytes]
log = logging.getLogger(__name__)


def copies_folder() -> Path:
    return Path(settings.KEY_COPIES_ROOT)


def write_copy(name: str) -> Path:
    """Copy the key folder as it is now. Whole or not at all. Raises KeysUnusable."""
    folder = copies_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}{SUFFIX}"
    _write(path, present_files(), _salt_in(folder))
    return path


def present_files() -> dict[str, bytes]:
    return files_in(Path(settings.KEYS_ROOT))


def files_in(folder: Path) -> dict[str, bytes]:
    """A key folder's files as they belong together: the store first, since the keysets only grow."""
    with opened_store(folder) as store:
        files = {STORE_FILE: store.serialize()}
    for purpose in TEMPLATES:
        try:
            files[f"{purpose}.json"] = (folder / f"{purpose}.json").read_bytes()
        except OSError as error:
            raise KeysUnusable(_("密钥文件 %(file)s 无法读取。") % {"file": f"{purpose}.json"}) from error
    return files


def read_copy(path: Path) -> dict[str, bytes]:
    """Raises KeysUnusable for what is no copy, or is not opened by the password."""
    content = path.read_bytes()
    head, salt, sealed = content[: len(HEAD)], content[len(HEAD) :][:SALT_BYTES], content[len(HEAD) + SALT_BYTES :]
    try:
        told = json.loads(_cipher(_password(), salt).decrypt(sealed, head + salt))
    except (ValueError, tink.TinkError) as error:
        raise KeysUnusable(
            _("密钥副本 %(file)s 打不开：文件损坏，或 KEY_COPY_PASSWORD 不是做备份时的那一个。") % {"file": path.name}
        ) from error
    return {name: b64decode(text) for name, text in told.items()}


def lay_down(files: Files, folder: Path) -> None:
    """Write a copy's files into a new folder, for the owner only."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in files.items():
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)


def unusable_in(files: Files, subjects: Collection[str]) -> set[str]:
    """Those whose key is not among the files, or is not opened by the master keys there; one that was destroyed on
    purpose is not among them."""
    master = json_proto_keyset_format.parse(files["seal.json"].decode(), secret_key_access.TOKEN).primitive(aead.Aead)
    with closing(_opened(files)) as store:
        wrapped = dict(store.execute("SELECT subject, wrapped FROM data_key").fetchall())
        destroyed = {subject for (subject,) in store.execute("SELECT subject FROM destroyed")}
    return {one for one in set(subjects) - destroyed if one not in wrapped or not _opens(master, one, wrapped[one])}


def refresh_copies() -> None:
    """Bring every copy up to the present keys, so that none holds a key that was destroyed since. One that has keys
    which the folder lacks stays as it is, and the log says so."""
    paths = sorted(copies_folder().glob(f"*{SUFFIX}")) if copies_folder().is_dir() else []
    for path in paths:
        try:
            _refresh(path)
        except (OSError, KeysUnusable):
            log.exception("key copy %s was not brought up to date", path.name)


def _refresh(path: Path) -> None:
    files, held = present_files(), read_copy(path)
    if lacking(files, held):
        log.error("key copy %s holds keys that the key folder lacks: it was left as it is", path.name)
    elif files != held:
        _write(path, files, path.read_bytes()[len(HEAD) : len(HEAD) + SALT_BYTES])


def lacking(files: Files, held: Files) -> bool:
    """Whether `held` has a key that is in `files` neither present nor destroyed."""
    ids = [{name: _ids(one[name]) for name in one if name != STORE_FILE} for one in (files, held)]
    with closing(_opened(files)) as now, closing(_opened(held)) as then:
        known = set(now.execute("SELECT subject FROM data_key UNION SELECT subject FROM destroyed"))
        before = set(then.execute("SELECT subject FROM data_key"))
    return bool(before - known) or any(ids[1][name] - ids[0].get(name, set()) for name in ids[1])


def _ids(keyset: bytes) -> set[int]:
    return {int(key["keyId"]) for key in json.loads(keyset)["key"]}


def _opened(files: Files) -> sqlite3.Connection:
    store = sqlite3.connect(":memory:")
    store.deserialize(files[STORE_FILE])
    return store


def _opens(master: aead.Aead, subject: str, wrapped: bytes) -> bool:
    try:
        proto_keyset_format.parse_encrypted(wrapped, master, subject.encode())
    except tink.TinkError:
        return False
    return True


def _password() -> str:
    return str(settings.KEY_COPY_PASSWORD or settings.SECRET_KEY)


def _salt_in(folder: Path) -> bytes:
    """That of a copy which is there: one password is stretched once."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        with path.open("rb") as file:
            head = file.read(len(HEAD) + SALT_BYTES)
        if head.startswith(HEAD) and len(head) == len(HEAD) + SALT_BYTES:
            return head[len(HEAD) :]
    return os.urandom(SALT_BYTES)


@lru_cache(maxsize=4)
def _cipher(password: str, salt: bytes) -> aead.Aead:
    made = hashlib.scrypt(password.encode(), salt=salt, n=1 << 15, r=8, p=1, maxmem=MEMORY, dklen=KEY_BYTES)
    value = b64encode(b"\x1a\x20" + made).decode()  # AesGcmKey, as protocol buffers write a field of 32 bytes
    data = {
        "typeUrl": "type.googleapis.com/google.crypto.tink.AesGcmKey",
        "value": value,
        "keyMaterialType": "SYMMETRIC",
    }
    key = {"keyData": data, "status": "ENABLED", "keyId": 1, "outputPrefixType": "RAW"}
    handle = json_proto_keyset_format.parse(json.dumps({"primaryKeyId": 1, "key": [key]}), secret_key_access.TOKEN)
    primitive: aead.Aead = handle.primitive(aead.Aead)
    return primitive


def _write(path: Path, files: Files, salt: bytes) -> None:
    plain = json.dumps({name: b64encode(content).decode() for name, content in files.items()}).encode()
    temporary = path.with_suffix(f".{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(HEAD + salt + _cipher(_password(), salt).encrypt(plain, HEAD + salt))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
