"""Wagtail's page policy, narrowed by our rule: a record that a person may not see does not exist in the admin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy

if TYPE_CHECKING:
    from estates.access import Person
    from estates.models import User

Visible = Callable[["Person"], "QuerySet[Page]"]
_records: dict[type[Page], Visible] = {}


def register_record_pages(model: type[Page], visible: Visible) -> None:
    """Pages of the model are in the admin for those only to whom `visible` shows them."""
    _records[model] = visible


def foreign_records(user: Person) -> Iterator[QuerySet[Page]]:
    """The records of each kind that are not there for the person in the admin."""
    for model, visible in _records.items():
        yield model.objects.exclude(pk__in=visible(user).values("pk"))


class RecordPagePolicy(PagePermissionPolicy):
    def user_has_any_permission_for_instance(self, user: User, actions: Iterable[str], instance: Page) -> bool:
        if not super().user_has_any_permission_for_instance(user, actions, instance):
            return False
        visible = _records.get(instance.specific_class)
        return visible is None or bool(visible(user).filter(pk=instance.pk).exists())

    def instances_user_has_any_permission_for(self, user: User, actions: Iterable[str]) -> QuerySet[Page]:
        return _without_foreign_records(super().instances_user_has_any_permission_for(user, actions), user)

    def explorable_instances(self, user: User) -> QuerySet[Page]:
        if not user.is_superuser and not self.get_cached_permissions_for_user(user):
            return Page.objects.none()
        return _without_foreign_records(super().explorable_instances(user), user)


def _without_foreign_records(pages: QuerySet[Page], user: User) -> QuerySet[Page]:
    for foreign in foreign_records(user):
        pages = pages.filter(~Q(pk__in=foreign.values("pk")))
    return pages
