"""The containers of the case library."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from estates.containers import Container
from estates.models import Estate


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
