"""A data key for each person, in a store of its own beside the master keys: one can be destroyed alone, for good.

The store is a small SQLite file in the key folder, never in the database and never in its backups. Each key is wrapped
by the master key and bound to its subject. What is destroyed is overwritten; that it was stays known.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import Any

import tink
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from tink import aead, json_proto_keyset_format, proto_keyset_format, secret_key_access

from vault.fingerprints import WrongKeys, restore_words
from vault.key_store import opened_store
from vault.keyring import on_forgetting, sealer

CACHED = 512


class KeyDestroyed(Exception):
    """The subject's key was destroyed: what it sealed can never be read again, from any backup."""


class KeyUnknown(Exception):
    """The store has no key for the subject: it is not the store that these data were sealed with."""


def key_of(subject: str) -> aead.Aead:
    """The subject's key. Raises KeyUnknown, KeyDestroyed, vault.keyring.WrongKeys or KeysMissing."""
    return _unwrapped(subject, _wrapped(subject))


def keys_of(subjects: Collection[str]) -> dict[str, aead.Aead | None]:
    """The keys of many subjects by one look into the store; None for one that was destroyed.

    Raises KeyUnknown, vault.keyring.WrongKeys or KeysMissing.
    """
    asked = json.dumps(sorted(subjects))
    with _store() as store:
        rows = store.execute(
            "SELECT subject, wrapped FROM data_key WHERE subject IN (SELECT value FROM json_each(?))", [asked]
        ).fetchall()
    gone = destroyed_among(subjects)
    found: dict[str, aead.Aead | None] = {subject: _unwrapped(subject, bytes(wrapped)) for subject, wrapped in rows}
    found |= dict.fromkeys(gone)
    if unknown := set(subjects) - set(found):
        raise KeyUnknown(min(unknown))
    return found


def make_key(subject: str) -> aead.Aead:
    """The subject's key, made if there is none yet. Raises KeyDestroyed, KeysMissing."""
    try:
        return key_of(subject)
    except KeyUnknown:
        return _new_key(subject)


def _new_key(subject: str) -> aead.Aead:
    """Two who make it at once both get the one that was kept."""
    with _store(writing=True) as store:
        if store.execute("SELECT 1 FROM destroyed WHERE subject = ?", [subject]).fetchone():
            raise KeyDestroyed(subject)
        fresh = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM)
        wrapped = proto_keyset_format.serialize_encrypted(fresh, sealer(), subject.encode())
        store.execute(
            "INSERT INTO data_key VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [subject, wrapped, timezone.now().isoformat()],
        )
        row = store.execute("SELECT wrapped FROM data_key WHERE subject = ?", [subject]).fetchone()
    return _unwrapped(subject, bytes(row[0]))


def make_many(subjects: Collection[str]) -> None:
    """Keys for new subjects, in one transaction of the store: for imports. Those that have one keep it.

    Raises KeysMissing, and KeyDestroyed for a subject whose key was destroyed.
    """
    cipher, now = sealer(), timezone.now().isoformat()
    rows = []
    for subject in subjects:
        fresh = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM)
        rows.append((subject, proto_keyset_format.serialize_encrypted(fresh, cipher, subject.encode()), now))
    asked = json.dumps(sorted(subjects))
    with _store(writing=True) as store:
        gone = store.execute(
            "SELECT subject FROM destroyed WHERE subject IN (SELECT value FROM json_each(?))", [asked]
        ).fetchone()
        if gone:
            raise KeyDestroyed(gone[0])
        store.executemany("INSERT INTO data_key VALUES (?, ?, ?) ON CONFLICT DO NOTHING", rows)


def renew_key(subject: str) -> list[int]:
    """A new key beside the present ones, which seals from now on. Returns the ids of those before it: to be retired
    when everything that they sealed was sealed anew.

    Raises KeyUnknown, KeyDestroyed, KeysUnusable.
    """
    with _store(writing=True) as store:
        held = _keyset(subject, _row(store, subject))
        fresh = json.loads(_exported(tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM)))
        before = [int(key["keyId"]) for key in held["key"]]
        held["key"] += fresh["key"]
        held["primaryKeyId"] = fresh["primaryKeyId"]
        _replace(store, subject, held)
    return before


def retire_keys(subject: str, ids: Collection[int]) -> None:
    """Overwrite these keys of the subject: what only they sealed can never be read again. Twice is once."""
    with _store(writing=True) as store:
        row = store.execute("SELECT wrapped FROM data_key WHERE subject = ?", [subject]).fetchone()
        if row is None:
            return
        held = _keyset(subject, bytes(row[0]))
        held["key"] = [key for key in held["key"] if key["keyId"] not in ids or key["keyId"] == held["primaryKeyId"]]
        _replace(store, subject, held)
    _unwrapped.cache_clear()


def _keyset(subject: str, wrapped: bytes) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(_exported(_parsed(subject, wrapped)))
    return told


def _exported(handle: tink.KeysetHandle) -> str:
    return str(json_proto_keyset_format.serialize(handle, secret_key_access.TOKEN))


def _replace(store: sqlite3.Connection, subject: str, keyset: Mapping[str, Any]) -> None:
    handle = json_proto_keyset_format.parse(json.dumps(keyset), secret_key_access.TOKEN)
    wrapped = proto_keyset_format.serialize_encrypted(handle, sealer(), subject.encode())
    store.execute("UPDATE data_key SET wrapped = ? WHERE subject = ?", [wrapped, subject])


def destroy_key(subject: str) -> None:
    """Overwrite the subject's key. Nothing that it sealed can be read again. Destroying twice changes nothing."""
    destroy_many([subject])


def destroy_many(subjects: Collection[str]) -> None:
    """As `destroy_key` for many, in one transaction of the store."""
    now = timezone.now().isoformat()
    with _store(writing=True) as store:
        store.executemany("DELETE FROM data_key WHERE subject = ?", [[subject] for subject in subjects])
        store.executemany(
            "INSERT INTO destroyed VALUES (?, ?) ON CONFLICT DO NOTHING", [[subject, now] for subject in subjects]
        )
    _unwrapped.cache_clear()


def destroyed_among(subjects: Collection[str]) -> set[str]:
    """Those whose key was destroyed."""
    asked = json.dumps(sorted(subjects))
    with _store() as store:
        rows = store.execute(
            "SELECT subject FROM destroyed WHERE subject IN (SELECT value FROM json_each(?))", [asked]
        ).fetchall()
    return {subject for (subject,) in rows}


def unusable_among(subjects: Collection[str]) -> list[str]:
    """Those without a key that the present master keys open; one that was destroyed on purpose is not among them.

    Raises KeysUnusable.
    """
    asked = json.dumps(sorted(subjects))
    with _store() as store:
        rows = store.execute(
            "SELECT subject, wrapped FROM data_key WHERE subject IN (SELECT value FROM json_each(?))", [asked]
        ).fetchall()
    sound = {subject for subject, wrapped in rows if _opens(subject, bytes(wrapped))}
    return sorted(set(subjects) - sound - destroyed_among(subjects))


def _opens(subject: str, wrapped: bytes) -> bool:
    try:
        _parsed(subject, wrapped)
    except WrongKeys:
        return False
    return True


def count_keys() -> int:
    with _store() as store:
        return int(store.execute("SELECT count(*) FROM data_key").fetchone()[0])


def wrap_again(*, batch: int = 500) -> Iterator[int]:
    """Wrap every data key with the present master key; yields how many were done after each batch. It can be cut off
    and run again: a key is whole under the old wrapping or under the new."""
    last, done = "", 0
    while True:
        with _store(writing=True) as store:
            rows = store.execute(
                "SELECT subject, wrapped FROM data_key WHERE subject > ? ORDER BY subject LIMIT ?", [last, batch]
            ).fetchall()
            for subject, wrapped in rows:
                handle = _parsed(subject, bytes(wrapped))
                again = proto_keyset_format.serialize_encrypted(handle, sealer(), subject.encode())
                store.execute("UPDATE data_key SET wrapped = ? WHERE subject = ?", [again, subject])
        if not rows:
            break
        last, done = rows[-1][0], done + len(rows)
        yield done
    _unwrapped.cache_clear()


def _wrapped(subject: str) -> bytes:
    with _store() as store:
        return _row(store, subject)


def _row(store: sqlite3.Connection, subject: str) -> bytes:
    row = store.execute("SELECT wrapped FROM data_key WHERE subject = ?", [subject]).fetchone()
    if row is None and store.execute("SELECT 1 FROM destroyed WHERE subject = ?", [subject]).fetchone():
        raise KeyDestroyed(subject)
    if row is None:
        raise KeyUnknown(subject)
    return bytes(row[0])


@lru_cache(maxsize=CACHED)
def _unwrapped(subject: str, wrapped: bytes) -> aead.Aead:
    primitive: aead.Aead = _parsed(subject, wrapped).primitive(aead.Aead)
    return primitive


on_forgetting(_unwrapped.cache_clear)


def _parsed(subject: str, wrapped: bytes) -> tink.KeysetHandle:
    try:
        return proto_keyset_format.parse_encrypted(wrapped, sealer(), subject.encode())
    except tink.TinkError:
        return _parsed_afresh(subject)


def _parsed_afresh(subject: str) -> tink.KeysetHandle:
    """The master key was rotated between two looks: key file and wrapped key are both read once more."""
    with _store() as store:
        row = store.execute("SELECT wrapped FROM data_key WHERE subject = ?", [subject]).fetchone()
    if row is None:
        raise KeyUnknown(subject)
    try:
        return proto_keyset_format.parse_encrypted(bytes(row[0]), sealer(), subject.encode())
    except tink.TinkError as error:
        told = _("主密钥打不开数据密钥：主密钥不是这份数据的，或密钥库被改动过。请运行 manage.py check_keys 查清。")
        raise WrongKeys(f"{told}{restore_words()}") from error


def _store(*, writing: bool = False) -> AbstractContextManager[sqlite3.Connection]:
    """Raises KeysUnusable: what is written goes into this database's own store."""
    sealer()
    return opened_store(Path(settings.KEYS_ROOT), writing=writing)
