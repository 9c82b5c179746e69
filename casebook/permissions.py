"""What the Wagtail admin may do with pages of the case library: the same rule as everywhere, at Wagtail's seams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail.models import Page, PagePermissionTester

from casebook import policies

if TYPE_CHECKING:
    from casebook.models.cases import CasePage
    from estates.access import Person


class ContainerPermissionTester(PagePermissionTester):
    """Containers keep themselves: nothing is done to them by hand, not even by a superuser."""

    def can_add_subpage(self) -> bool:
        return False

    def can_edit(self) -> bool:
        return False

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return False

    def can_unpublish(self) -> bool:
        return False

    def can_publish(self) -> bool:
        return False

    def can_submit_for_moderation(self) -> bool:
        return False

    def can_lock(self) -> bool:
        return False

    def can_unlock(self) -> bool:
        return False

    def can_publish_subpage(self) -> bool:
        return False

    def can_reorder_children(self) -> bool:
        return False

    def can_move(self) -> bool:
        return False

    def can_copy(self) -> bool:
        return False

    def can_move_to(self, destination: Page) -> bool:
        return False

    def can_copy_to(self, destination: Page, recursive: bool = False) -> bool:
        return False


class CasePermissionTester(ContainerPermissionTester):
    """A case is edited in the admin; it is submitted, published, withdrawn and moved by our own functions only."""

    page: CasePage
    user: Person

    def can_edit(self) -> bool:
        return policies.may_edit_case(self.user, self.page)
