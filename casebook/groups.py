"""Page permissions of the derived groups: filing roles may change what lies under their estate."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from wagtail.models import GroupPagePermission

from casebook.models import CaseIndexPage, EstateFolderPage
from casebook.policies import FILING_ROLES
from estates.models import Estate
from estates.roles import Role


def grant_case_pages(group: Group, role: Role, estate: Estate | None) -> None:
    folders = EstateFolderPage.objects.filter(estate=estate) if estate else CaseIndexPage.objects.all()
    held = GroupPagePermission.objects.filter(group=group, page__content_type__in=_containers())
    pages = list(folders.values_list("pk", flat=True)) if role in FILING_ROLES else []
    held.exclude(page__in=pages).delete()
    change = Permission.objects.get(content_type__app_label="wagtailcore", codename="change_page")
    for page in pages:
        GroupPagePermission.objects.get_or_create(group=group, page_id=page, permission=change)


def _containers() -> list[ContentType]:
    return list(ContentType.objects.get_for_models(CaseIndexPage, EstateFolderPage).values())
