from __future__ import annotations

from typing import TYPE_CHECKING, Self

from wagtail.query import PageQuerySet

from archives import policies

if TYPE_CHECKING:
    from archives.models import DossierPage
    from estates.access import Person


class DossierQuerySet(PageQuerySet):
    def visible_to(self, user: Person) -> Self:
        """Where every read for a person begins."""
        return self.filter(policies.visible_dossiers(user))

    def with_key(self, key: str) -> DossierPage | None:
        """The dossier with this number, or, before it has one, this slug. Numbers have capitals, slugs have none."""
        one = self.filter(number=key) if key.upper() == key else self.filter(slug=key, number=None)
        return next(iter(one.order_by()[:1]), None)

    def held(self, pk: int) -> DossierPage:
        """The row, locked until the transaction ends: whoever changes the dossier starts here."""
        return self.select_for_update(of=("self",)).get(pk=pk)

    def with_rows(self) -> Self:
        """All that a line of a list shows besides the name, in one query."""
        return self.select_related("estate", "unit", "tenure", "customer")
