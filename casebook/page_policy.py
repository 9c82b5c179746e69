"""Wagtail's page policy, narrowed by our rule: a case that a person may not see does not exist in the admin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy

from casebook.models import CasePage

if TYPE_CHECKING:
    from estates.models import User


class RecordPagePolicy(PagePermissionPolicy):
    def user_has_any_permission_for_instance(self, user: User, actions: Iterable[str], instance: Page) -> bool:
        if not super().user_has_any_permission_for_instance(user, actions, instance):
            return False
        if instance.specific_class is not CasePage:
            return True
        return bool(CasePage.objects.visible_to(user).filter(pk=instance.pk).exists())

    def instances_user_has_any_permission_for(self, user: User, actions: Iterable[str]) -> QuerySet[Page]:
        return _without_foreign_cases(super().instances_user_has_any_permission_for(user, actions), user)

    def explorable_instances(self, user: User) -> QuerySet[Page]:
        if not user.is_superuser and not self.get_cached_permissions_for_user(user):
            return Page.objects.none()
        return _without_foreign_cases(super().explorable_instances(user), user)


def _without_foreign_cases(pages: QuerySet[Page], user: User) -> QuerySet[Page]:
    foreign = CasePage.objects.exclude(pk__in=CasePage.objects.visible_to(user).values("pk"))
    return pages.filter(~Q(pk__in=foreign.values("pk")))
