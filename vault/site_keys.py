"""Keys and database belong together: made once, compared at the start, and never a second set."""

from __future__ import annotations

from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _

from vault.fingerprints import KeysUnusable, known_fingerprints, record_fingerprints, restore_words
from vault.keyring import absent_files, all_fingerprints, backup_cipher, finder, make_keys, sealer, signer
from vault.models import RegisterHead


class SecondSet(KeysUnusable):
    """Keys were asked for where the database's data are encrypted with others."""


def make_site_keys() -> list[Path]:
    """The keys of this database, where it has none yet. Returns the new files.

    Raises SecondSet where its data were encrypted with keys that are not in the folder; WrongKeys, KeysMissing.
    """
    known = known_fingerprints()
    if lost := sorted(purpose for purpose in absent_files() if purpose in known):
        told = _("没有新建密钥：这个数据库里已经有加密的数据，它的密钥（%(purposes)s）不在文件夹里。")
        raise SecondSet(f"{told % {'purposes': '、'.join(lost)}}{restore_words()}")
    if not known and absent_files() and _has_lines():
        raise SecondSet(_("没有新建密钥：这个数据库里已经有加密的数据，请把原来的密钥文件夹放回 ANJUAN_KEYS。"))
    made = make_keys()
    check_site_keys()
    record_fingerprints(all_fingerprints())
    return made


def _has_lines() -> bool:
    tables = connection.introspection.table_names()
    return RegisterHead._meta.db_table in tables and RegisterHead.objects.filter(sequence__gt=0).exists()


def check_site_keys() -> None:
    """Raises KeysUnusable where a key is away, unreadable or not this database's."""
    for primitive in (sealer, finder, signer, backup_cipher):
        primitive()


def trouble_with_keys() -> str:
    """What is wrong with the keys, in words; empty when nothing is."""
    try:
        check_site_keys()
    except KeysUnusable as error:
        return str(error)
    return ""
