from __future__ import annotations

from typing import TYPE_CHECKING, Self

from archives import policies
from estates.records import RecordQuerySet

if TYPE_CHECKING:
    from archives.models import DossierPage
    from estates.access import Person


class DossierQuerySet(RecordQuerySet):
    def visible_to(self, user: Person) -> Self:
        """Where every read for a person begins."""
        return self.filter(policies.visible_dossiers(user))

    if TYPE_CHECKING:

        def with_key(self, key: str) -> DossierPage | None: ...

    def held(self, pk: int) -> DossierPage:
        """The row, locked until the transaction ends: whoever changes the dossier starts here."""
        return self.select_for_update(of=("self",)).get(pk=pk)

    def with_rows(self) -> Self:
        """All that a line of a list shows besides the name, in one query."""
        return self.select_related("estate", "unit", "tenure", "customer")
