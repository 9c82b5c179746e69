"""Where dossiers are filed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archives.models import ArchiveIndexPage, EstateArchivePage, MonthArchivePage
from estates import placing
from estates.placing import Shelf

if TYPE_CHECKING:
    from datetime import date

    from wagtail.models import Page

    from estates.models import Estate

DOSSIERS = Shelf(ArchiveIndexPage, EstateArchivePage, MonthArchivePage, "客户档案库", "customer-archive")


def month_folder(estate: Estate, record_date: date) -> Page:
    return placing.month_folder(DOSSIERS, estate, record_date)
