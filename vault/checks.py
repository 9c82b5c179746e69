from __future__ import annotations

from collections.abc import Sequence

from django.apps.config import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register

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
