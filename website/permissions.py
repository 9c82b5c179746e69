"""What the Wagtail admin may do with pages of the public website."""

from __future__ import annotations

from wagtail.models import PagePermissionTester


class PublicPermissionTester(PagePermissionTester):
    """It is public or unpublished: nobody hides it behind a password or a sign-in, which the website has not."""

    def can_set_view_restrictions(self) -> bool:
        return False


class LastingPermissionTester(PublicPermissionTester):
    """Others hang on the page: it is edited and unpublished, never deleted."""

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return False
