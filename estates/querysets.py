from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from estates.access import reach_of
from estates.roles import Role

if TYPE_CHECKING:
    from estates.access import Person
    from estates.models.places import Estate


class EstateQuerySet(models.QuerySet["Estate"]):
    def visible_to(self, user: Person) -> Self:
        """Estates that any of the user's assignments reaches."""
        return self.filter(reach_of(user, frozenset(Role)).q("pk"))

    def fileable_by(self, user: Person) -> Self:
        """Estates on which the user may file cases."""
        return self.filter(reach_of(user, {Role.EDITOR, Role.MANAGER}).q("pk"))
