"""The containers of the case library: index → estate → month. They are made when first needed, never by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from casebook.permissions import ContainerPermissionTester
from estates.models import Estate

if TYPE_CHECKING:
    from estates.models import User


class Container(Page):
    search_auto_update = False
    promote_panels: list[object] = []
    settings_panels: list[object] = []

    class Meta:
        abstract = True

    @classmethod
    def can_create_at(cls, parent: Page) -> bool:
        return False

    def permissions_for_user(self, user: User) -> ContainerPermissionTester:
        return ContainerPermissionTester(user, self)


class CaseIndexPage(Container):
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["casebook.EstateFolderPage"]

    class Meta:
        verbose_name = _("案例库")
        verbose_name_plural = _("案例库")


class EstateFolderPage(Container):
    estate = models.OneToOneField(Estate, models.PROTECT, related_name="case_folder", verbose_name=_("楼盘"))

    parent_page_types = ["casebook.CaseIndexPage"]
    subpage_types = ["casebook.MonthFolderPage"]

    class Meta:
        verbose_name = _("楼盘案例")
        verbose_name_plural = _("楼盘案例")


class MonthFolderPage(Container):
    month = models.CharField(_("月份"), max_length=7)

    parent_page_types = ["casebook.EstateFolderPage"]
    subpage_types = ["casebook.CasePage"]

    class Meta:
        verbose_name = _("月份案例")
        verbose_name_plural = _("月份案例")
