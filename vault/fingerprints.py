"""What the database knows of the keys that its data were encrypted with: a fingerprint of each, never a key.

Keys that are not those, or an older set of them, are refused before anything is read or written with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vault.models import KeyFingerprint

STORE = "store"
"""The purpose under which the store of data keys is known: by an id that it was given when it was made."""


class KeysUnusable(Exception):
    """The keys cannot be used. The message says why and what to do; whoever follows it loses nothing."""


class WrongKeys(KeysUnusable):
    """The keys in the folder are not those that the data were encrypted with, or an older set of them."""


def known_fingerprints() -> dict[str, set[str]]:
    """By purpose, without those declared lost; nothing for a database that has no tables yet."""
    try:
        with transaction.atomic():
            rows = list(KeyFingerprint.objects.filter(lost_at=None).values_list("purpose", "fingerprint"))
    except DatabaseError:
        if KeyFingerprint._meta.db_table in connection.introspection.table_names():
            raise
        return {}
    known: dict[str, set[str]] = {}
    for purpose, fingerprint in rows:
        known.setdefault(purpose, set()).add(fingerprint)
    return known


def record_fingerprints(present: Mapping[str, Iterable[str]]) -> None:
    """Note keys that are new. A database without tables gets to know them when they are first used."""
    if KeyFingerprint._meta.db_table not in connection.introspection.table_names():
        return
    KeyFingerprint.objects.bulk_create(
        [KeyFingerprint(purpose=purpose, fingerprint=one) for purpose, prints in present.items() for one in prints],
        ignore_conflicts=True,
    )


def refuse_foreign(purpose: str, present: set[str], file: str) -> None:
    """Note keys that the database does not know yet. Raises WrongKeys where one that it knows is not among them."""
    known = known_fingerprints().get(purpose, set())
    if missing := known - present:
        raise WrongKeys(foreign_words(file, older=len(missing) < len(known)))
    if present - known:
        record_fingerprints({purpose: present - known})


def foreign_words(file: str, *, older: bool) -> str:
    why = _("密钥文件 %(file)s 里的密钥不是这份数据的。")
    if older:
        why = _("密钥文件 %(file)s 比数据旧：数据库用过的密钥，这里少了。")
    elif file == "seal.json":
        why = _("主密钥打不开数据密钥：%(file)s 里的密钥不是这份数据的。")
    return f"{why % {'file': file}}{restore_words()}"


def restore_words() -> str:
    """What to do about keys that are not there or not right, so that nothing more is lost."""
    where = _("请核对 ANJUAN_KEYS 指向的文件夹，或从最新的密钥副本恢复。")
    return f"{where}{_('查清以前，不要覆盖、删除或新建任何密钥文件。')}"


def declare_lost(present: Mapping[str, set[str]]) -> int:
    """For keys that are gone for good: the database no longer asks for those that are not in the folder."""
    gone = [
        row.pk
        for row in KeyFingerprint.objects.filter(lost_at=None)
        if row.fingerprint not in present.get(row.purpose, set())
    ]
    return KeyFingerprint.objects.filter(pk__in=gone).update(lost_at=timezone.now())
