"""The containers of the customer archive."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from estates.containers import Container
from estates.models import Estate


class ArchiveIndexPage(Container):
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["archives.EstateArchivePage"]

    class Meta:
        verbose_name = _("客户档案库")
        verbose_name_plural = _("客户档案库")


class EstateArchivePage(Container):
    estate = models.OneToOneField(Estate, models.PROTECT, related_name="archive_folder", verbose_name=_("楼盘"))

    parent_page_types = ["archives.ArchiveIndexPage"]
    subpage_types = ["archives.MonthArchivePage"]

    class Meta:
        verbose_name = _("楼盘客户档案")
        verbose_name_plural = _("楼盘客户档案")


class MonthArchivePage(Container):
    month = models.CharField(_("月份"), max_length=7)

    parent_page_types = ["archives.EstateArchivePage"]
    subpage_types = ["archives.DossierPage"]

    class Meta:
        verbose_name = _("月份客户档案")
        verbose_name_plural = _("月份客户档案")
