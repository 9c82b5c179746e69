"""The admin's own front page: it lists only pages that the person may still open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wagtail.admin.views.home import LockedPagesPanel, RecentEditsPanel


class OpenRecentEdits(RecentEditsPanel):
    """A page that has been filed, handed on or taken over since the edit is left out."""

    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        context = dict(super().get_context_data(parent_context))
        user = parent_context["request"].user
        context["last_edits"] = [
            (edited_at, page) for edited_at, page in context["last_edits"] if page.permissions_for_user(user).can_edit()
        ]
        return context


class OpenLockedPages(LockedPagesPanel):
    """As above, of the pages that the person locked."""

    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        context = dict(super().get_context_data(parent_context))
        user = parent_context["request"].user
        context["locked_pages"] = [
            page for page in context["locked_pages"] if page.permissions_for_user(user).can_edit()
        ]
        return context
