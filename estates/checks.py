from __future__ import annotations

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from estates.filing_plan import FilingPlanError, check_number_pattern


@register(Tags.compatibility)
def number_pattern(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    try:
        check_number_pattern(settings.NUMBER_PATTERN)
    except FilingPlanError as error:
        return [Error(str(error), id="estates.E001")]
    return []


@register(Tags.database)
def sqlite_writers_wait(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Deferred SQLite transactions fail at once under concurrent writers."""
    default = connections["default"]
    if default.vendor == "sqlite" and default.settings_dict["OPTIONS"].get("transaction_mode") != "IMMEDIATE":
        return [Error("SQLite must be opened with transaction_mode IMMEDIATE.", id="estates.E002")]
    return []
