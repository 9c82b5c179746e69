"""Page permissions of the derived groups: who writes the public website, and who may publish."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupPagePermission

from estates.models import Estate
from estates.roles import Role
from website.models import HomePage
from website.policies import PUBLISHERS, WRITERS

WRITE = ("add_page", "change_page", "lock_page")
PUBLISH = ("publish_page", "unlock_page")


def grant_public_pages(group: Group, role: Role, estate: Estate | None) -> None:
    """The website is the company's, whatever estate the role is for."""
    wanted = [*(WRITE if role in WRITERS else ()), *(PUBLISH if role in PUBLISHERS else ())]
    for home in HomePage.objects.all():
        held = GroupPagePermission.objects.filter(group=group, page=home)
        held.exclude(permission__codename__in=wanted).delete()
        for permission in Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=wanted):
            GroupPagePermission.objects.get_or_create(group=group, page_id=home.pk, permission=permission)
