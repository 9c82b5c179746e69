"""What the Wagtail admin may do with a case: the same rule as everywhere, at Wagtail's seams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casebook import policies
from estates.containers import ContainerPermissionTester

if TYPE_CHECKING:
    from casebook.models.cases import CasePage
    from estates.access import Person


class CasePermissionTester(ContainerPermissionTester):
    """A case is edited in the admin; it is submitted, published, withdrawn and moved by our own functions only."""

    page: CasePage
    user: Person

    def can_edit(self) -> bool:
        return policies.may_edit_case(self.user, self.page)
