from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.utils.translation import gettext as _

from vault.keyring import absent_files
from vault.site_keys import trouble_with_keys


@register(Tags.database)
def keys_belong_to_the_database(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **_others: object,
) -> list[CheckMessage]:
    """Asked with the database at hand. A new site that has no keys at all yet is not told off."""
    if not databases or len(absent_files()) == ALL:
        return []
    told = trouble_with_keys()
    return [Error(told, id="vault.E001")] if told else []


ALL = 5
"""Four keysets and the store."""


@register(Tags.security)
def key_copies_have_a_password_of_their_own(
    app_configs: Sequence[AppConfig] | None, **_others: object
) -> list[CheckMessage]:
    if settings.KEY_COPY_PASSWORD and settings.KEY_COPY_PASSWORD != settings.SECRET_KEY:
        return []
    told = _(
        "没有设 KEY_COPY_PASSWORD：密钥副本用 SECRET_KEY 打开，拿到服务器配置的人就能打开，SECRET_KEY 丢了就都打不开。"
    )
    hint = _("设一个另外的长口令，并另存公司保险柜；以前的副本仍用原来的口令打开。")
    return [Caution(told, hint=hint, id="vault.W001")]


@register(Tags.security)
def others_read_nothing(app_configs: Sequence[AppConfig] | None, **_others: object) -> list[CheckMessage]:
    """What was written before an update keeps its mode."""
    database = settings.DATABASES["default"]
    kept = [settings.KEYS_ROOT, settings.KEY_COPIES_ROOT, settings.ANCHORS_ROOT, settings.FILES_ROOT]
    if str(database["ENGINE"]).endswith("sqlite3"):
        kept.append(Path(str(database["NAME"])))
    told = _("这台机器上的其他账号能读 %(path)s。")
    hint = _("运行：chmod -R o-rwx %(path)s")
    return [
        Caution(told % {"path": path}, hint=hint % {"path": path}, id="vault.W002")
        for path in kept
        if path.exists() and path.stat().st_mode & stat.S_IRWXO
    ]
