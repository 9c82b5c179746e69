"""What the Wagtail admin may do with pages that others hang on."""

from __future__ import annotations

from wagtail.models import PagePermissionTester


class LastingPermissionTester(PagePermissionTester):
    """It is edited and unpublished, never deleted."""

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return False
