"""The master keys: Tink keysets in a folder of their own, outside the database and its backups (ANJUAN_KEYS).

`seal.json` wraps the data keys, `find.json` makes the tokens of the blind index, `chain.json` signs the registers,
`backup.json` encrypts backups.
A keyset holds every key it ever had; the newest is the primary. Whoever has the folder can read; without it nobody can.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import tink
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from tink import aead, json_proto_keyset_format, mac, prf, secret_key_access, streaming_aead

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

UNREADABLE = _("密钥文件 %(file)s 无法读取。请从密钥备份恢复。")
T = TypeVar("T")


class KeysMissing(Exception):
    """The key folder is not there, not whole, or not readable. The message says which file and what to do."""


class WrongKeys(Exception):
    """The keys in the folder are not those that the data were sealed with."""


def sealer() -> aead.Aead:
    return _primitive(Purpose.SEAL, aead.Aead)


def finder() -> prf.Prf:
    """The one function that turns a normalised text into a token."""
    return _primitive(Purpose.FIND, prf.PrfSet).primary()


def signer() -> mac.Mac:
    return _primitive(Purpose.CHAIN, mac.Mac)


def backup_cipher() -> streaming_aead.StreamingAead:
    return _primitive(Purpose.BACKUP, streaming_aead.StreamingAead)


def make_keys() -> list[Path]:
    """Make the keysets that are not there yet; those that are stay as they are. Returns the new files."""
    folder = Path(_folder())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = []
    for purpose, template in TEMPLATES.items():
        path = folder / f"{purpose}.json"
        if not path.exists():
            _write(path, _exported(tink.new_keyset_handle(template)), exclusive=True)
            made.append(path)
    forget_keys()
    return made


def rotate(purpose: Purpose) -> int:
    """Add a key and make it the primary; the earlier ones still open what they sealed. Returns its id.

    Raises ValueError for the key of the blind index, KeysMissing.
    """
    if purpose not in ROTATED:
        raise ValueError(f"the key for {purpose!r} is not rotated")
    path = Path(_folder()) / f"{purpose}.json"
    held = json.loads(_exported(_handle(purpose, _folder())))
    fresh = json.loads(_exported(tink.new_keyset_handle(TEMPLATES[purpose])))
    held["key"] += fresh["key"]
    held["primaryKeyId"] = fresh["primaryKeyId"]
    _write(path, json.dumps(held), exclusive=False)
    forget_keys()
    return int(fresh["primaryKeyId"])


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
    try:
        made: T = _handle(purpose, _folder()).primitive(kind)
    except tink.TinkError as error:
        raise KeysMissing(UNREADABLE % {"file": f"{purpose}.json"}) from error
    return made


@lru_cache(maxsize=8)
def _handle(purpose: Purpose, folder: str) -> tink.KeysetHandle:
    path = Path(folder) / f"{purpose}.json"
    try:
        return json_proto_keyset_format.parse(path.read_text("utf-8"), secret_key_access.TOKEN)
    except FileNotFoundError as error:
        raise KeysMissing(
            _("密钥文件 %(file)s 不在。请把密钥文件夹（ANJUAN_KEYS）放回原处；新安装请运行 manage.py make_keys。")
            % {"file": path.name}
        ) from error
    except (OSError, ValueError, tink.TinkError) as error:
        raise KeysMissing(UNREADABLE % {"file": path.name}) from error


on_forgetting(_handle.cache_clear)


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
