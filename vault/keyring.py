"""The master keys: Tink keysets in a folder of their own, outside the database and its backups (ANJUAN_KEYS).

`seal.json` wraps the data keys, `find.json` makes the tokens of the blind index, `chain.json` signs the registers,
`backup.json` encrypts backups.
A keyset holds every key it ever had; the newest is the primary. Whoever has the folder can read; without it nobody can.
Every use looks whether the file is still the one that was read: processes that run see a rotation by themselves.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import tink
from django.conf import settings
from django.utils.translation import gettext as _
from tink import aead, json_proto_keyset_format, mac, prf, secret_key_access, streaming_aead

from vault.fingerprints import STORE, KeysUnusable, WrongKeys, refuse_foreign, restore_words
from vault.key_store import STORE_FILE, make_store, store_id

for primitive in (aead, mac, prf, streaming_aead):
    primitive.register()


class Purpose(StrEnum):
    SEAL = "seal"
    FIND = "find"
    CHAIN = "chain"
    BACKUP = "backup"


TEMPLATES = {
    Purpose.SEAL: aead.aead_key_templates.AES256_GCM,
    Purpose.FIND: prf.prf_key_templates.HMAC_SHA256,
    Purpose.CHAIN: mac.mac_key_templates.HMAC_SHA256_256BITTAG,
    Purpose.BACKUP: streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB,
}
ROTATED = frozenset({Purpose.SEAL, Purpose.CHAIN, Purpose.BACKUP})
"""The blind index has one key for good: a second one would make the same name two tokens."""

LOCK = "lock"
T = TypeVar("T")


class KeysMissing(KeysUnusable):
    """The key folder is not there, not whole, or not readable. The message says which file and what to do."""


def unreadable(file: str) -> str:
    told = _("密钥文件 %(file)s 无法读取。请先把整个密钥文件夹另存一份。") % {"file": file}
    return f"{told}{restore_words()}"


def absent(file: str) -> str:
    told = _("密钥文件 %(file)s 不在。") % {"file": file}
    return f"{told}{restore_words()}{_('只有还没有任何数据的新安装，才运行 manage.py make_keys。')}"


__all__ = ["KeysMissing", "KeysUnusable", "WrongKeys"]


def sealer() -> aead.Aead:
    return _primitive(Purpose.SEAL, aead.Aead)


def finder() -> prf.Prf:
    """The one function that turns a normalised text into a token."""
    return _primitive(Purpose.FIND, prf.PrfSet).primary()


def signer() -> mac.Mac:
    return _primitive(Purpose.CHAIN, mac.Mac)


def backup_cipher() -> streaming_aead.StreamingAead:
    return _primitive(Purpose.BACKUP, streaming_aead.StreamingAead)


def backup_cipher_in(folder: Path) -> streaming_aead.StreamingAead:
    """Of a key folder that need not be this database's: a backup is opened with the keys that belong to it.

    Raises KeysMissing.
    """
    path = folder / f"{Purpose.BACKUP}.json"
    if not path.exists():
        raise KeysMissing(absent(path.name))
    made: streaming_aead.StreamingAead = _read(path).primitive(streaming_aead.StreamingAead)
    return made


def make_keys() -> list[Path]:
    """Make the keysets and the store that are not there yet; those that are stay as they are. Returns the new files.

    It asks nobody: see `vault.services.make_site_keys`.
    """
    folder = Path(_folder())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = []
    for purpose, template in TEMPLATES.items():
        path = folder / f"{purpose}.json"
        if not path.exists():
            _write(path, _exported(tink.new_keyset_handle(template)), exclusive=True)
            made.append(path)
    made += make_store(folder)
    forget_keys()
    return made


def absent_files() -> list[str]:
    """What of a whole set of keys is not in the folder, by purpose."""
    folder = Path(_folder())
    files = {**{str(purpose): f"{purpose}.json" for purpose in TEMPLATES}, STORE: STORE_FILE}
    return [purpose for purpose, name in files.items() if not (folder / name).exists()]


def rotate(purpose: Purpose) -> int:
    """Add a key and make it the primary; the earlier ones still open what they sealed. Returns its id.

    Raises ValueError for the key of the blind index, KeysMissing, WrongKeys.
    """
    if purpose not in ROTATED:
        raise ValueError(f"the key for {purpose!r} is not rotated")
    path = Path(_folder()) / f"{purpose}.json"
    with _locked():
        _current(purpose)
        held = json.loads(_exported(_handle(purpose, _folder(), _signature(purpose))))
        fresh = json.loads(_exported(tink.new_keyset_handle(TEMPLATES[purpose])))
        held["key"] += fresh["key"]
        held["primaryKeyId"] = fresh["primaryKeyId"]
        _write(path, json.dumps(held), exclusive=False)
    forget_keys()
    return int(fresh["primaryKeyId"])


@contextmanager
def _locked() -> Iterator[None]:
    """Two who rotate at once do it after each other: neither key is lost."""
    descriptor = os.open(Path(_folder()) / LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def forget_keys() -> None:
    """After the folder changed, so that this process reads it again."""
    for forget in _FORGETTING:
        forget()


_FORGETTING: list[Callable[[], None]] = []


def on_forgetting(forget: Callable[[], None]) -> None:
    """Called when keys are read again: for whoever keeps what they opened."""
    _FORGETTING.append(forget)


def _folder() -> str:
    return str(settings.KEYS_ROOT)


def _primitive(purpose: Purpose, kind: type[T]) -> T:
    """Raises KeysMissing, WrongKeys."""
    try:
        made: T = _made(purpose, _folder(), _current(purpose), kind)  # type: ignore[arg-type]
    except tink.TinkError as error:
        raise KeysMissing(unreadable(f"{purpose}.json")) from error
    return made


def _current(purpose: Purpose) -> tuple[int, ...]:
    """What tells the present file from an earlier one; keys that this database does not know are refused."""
    signature = _signature(purpose)
    known = (purpose, _folder(), signature)
    if known not in _APPROVED:
        refuse_foreign(str(purpose), fingerprints_of(purpose), f"{purpose}.json")
        if purpose == Purpose.SEAL:
            refuse_foreign(STORE, {store_id(Path(_folder()))}, STORE_FILE)
        _APPROVED.add(known)
    return signature


_APPROVED: set[tuple[Purpose, str, tuple[int, ...]]] = set()


def _signature(purpose: Purpose) -> tuple[int, ...]:
    """Of the data keys' wrapping, the store too: the two belong together."""
    names = [f"{purpose}.json", *([STORE_FILE] if purpose == Purpose.SEAL else [])]
    told: list[int] = []
    for name in names:
        try:
            stat = os.stat(f"{_folder()}/{name}")  # noqa: PTH116  asked at every use
        except FileNotFoundError as error:
            raise KeysMissing(absent(name)) from error
        except OSError as error:
            raise KeysMissing(unreadable(name)) from error
        told += [stat.st_dev, stat.st_ino] if name == STORE_FILE else [stat.st_ino, stat.st_mtime_ns, stat.st_size]
    return tuple(told)


def fingerprints_of(purpose: Purpose) -> set[str]:
    """Of every key in the keyset. Raises KeysMissing."""
    told = json.loads(_exported(_handle(purpose, _folder(), _signature(purpose))))
    return {hashlib.sha256(f"anjuan:{key['keyData']['value']}".encode()).hexdigest() for key in told["key"]}


def all_fingerprints() -> dict[str, set[str]]:
    """Of everything in the folder, by purpose. Raises KeysMissing."""
    return {str(purpose): fingerprints_of(purpose) for purpose in TEMPLATES} | {STORE: {store_id(Path(_folder()))}}


@lru_cache(maxsize=16)
def _made(purpose: Purpose, folder: str, signature: tuple[int, ...], kind: type[T]) -> T:
    made: T = _handle(purpose, folder, signature).primitive(kind)
    return made


@lru_cache(maxsize=16)
def _handle(purpose: Purpose, folder: str, signature: tuple[int, ...]) -> tink.KeysetHandle:
    return _read(Path(folder) / f"{purpose}.json")


def _read(path: Path) -> tink.KeysetHandle:
    try:
        return json_proto_keyset_format.parse(path.read_text("utf-8"), secret_key_access.TOKEN)
    except FileNotFoundError as error:
        raise KeysMissing(absent(path.name)) from error
    except (OSError, ValueError, tink.TinkError) as error:
        raise KeysMissing(unreadable(path.name)) from error


on_forgetting(_handle.cache_clear)
on_forgetting(_made.cache_clear)
on_forgetting(_APPROVED.clear)


def _exported(handle: tink.KeysetHandle) -> str:
    return str(json_proto_keyset_format.serialize(handle, secret_key_access.TOKEN))


def _write(path: Path, text: str, *, exclusive: bool) -> None:
    """Whole or not at all, readable by the owner only."""
    temporary = path.with_suffix(f".{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if exclusive:
        try:
            os.link(temporary, path)  # two who make keys at once: the first wins, the second reads them
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    else:
        temporary.replace(path)
