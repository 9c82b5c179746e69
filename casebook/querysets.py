from __future__ import annotations

from typing import TYPE_CHECKING, Self

from casebook import policies
from casebook.vocabulary import State
from estates.records import RecordQuerySet

if TYPE_CHECKING:
    from casebook.models import CasePage
    from estates.access import Person


class CaseQuerySet(RecordQuerySet):
    def visible_to(self, user: Person) -> Self:
        """Where every read for a person begins."""
        return self.filter(policies.visible_cases(user))

    if TYPE_CHECKING:

        def with_key(self, key: str) -> CasePage | None: ...

    def with_cards(self) -> Self:
        """All that a result card shows, in a fixed number of queries."""
        return self.select_related("estate", "unit", "responsible_department").prefetch_related("photos__photo")

    def stuck(self) -> Self:
        """Cases that wait for somebody: drafts, in review, returned."""
        return self.filter(state__in=[State.DRAFT, State.IN_REVIEW, State.RETURNED])
