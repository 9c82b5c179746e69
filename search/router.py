from __future__ import annotations

from django.conf import settings
from django.db.models import Model


class SearchRouter:
    """The embedded index lies in SEARCH_DATABASE and nowhere else; nothing else lies there unless it is the default."""

    def db_for_read(self, model: type[Model], **hints: object) -> str | None:
        return settings.SEARCH_DATABASE if model._meta.app_label == "search" else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool | None:
        if app_label == "search":
            return db == settings.SEARCH_DATABASE
        return None if db == "default" else False
