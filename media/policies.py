"""Photos belong to records: nobody lists, chooses or edits them by themselves in the Wagtail admin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from wagtail.models import Collection
from wagtail.permission_policies.base import BasePermissionPolicy

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from estates.access import Person
    from estates.models import User


class ThroughRecordsOnly(BasePermissionPolicy):
    """Refuses everything to everybody, superusers included: the way to a file is its record's."""

    def user_has_permission(self, user: Person, action: str) -> bool:
        return False

    def user_has_any_permission(self, user: Person, actions: Iterable[str]) -> bool:
        return False

    def users_with_any_permission(self, actions: Iterable[str]) -> QuerySet[User]:
        return get_user_model().objects.none()

    def user_has_permission_for_instance(self, user: Person, action: str, instance: Model) -> bool:
        return False

    def user_has_any_permission_for_instance(self, user: Person, actions: Iterable[str], instance: Model) -> bool:
        return False

    def instances_user_has_any_permission_for(self, user: Person, actions: Iterable[str]) -> QuerySet[Model]:
        return self.model._default_manager.none()

    def users_with_any_permission_for_instance(self, actions: Iterable[str], instance: Model) -> QuerySet[User]:
        return self.users_with_any_permission(actions)

    def collections_user_has_any_permission_for(self, user: Person, actions: Iterable[str]) -> QuerySet[Model]:
        return Collection.objects.none()

    def collections_user_has_permission_for(self, user: Person, action: str) -> QuerySet[Model]:
        return self.collections_user_has_any_permission_for(user, [action])
