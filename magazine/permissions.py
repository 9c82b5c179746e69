"""What the Wagtail admin may do with the magazine's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from website.permissions import PublicPermissionTester

if TYPE_CHECKING:
    from magazine.models import IssuePage


class IssuePermissionTester(PublicPermissionTester):
    """What was sent, or waits to be, stays: its mailings say what they sent."""

    page: IssuePage

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return not self.page.mailings.exists() and bool(super().can_delete(ignore_bulk=ignore_bulk))
