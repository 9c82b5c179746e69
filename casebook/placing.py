"""Where cases are filed. A number is given once, when the case is first submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db import transaction
from wagtail.models import Page

from casebook.models.folders import CaseIndexPage, EstateFolderPage, MonthFolderPage
from casebook.vocabulary import RECORD_KIND
from estates import placing
from estates.bulk_pages import insert_pages
from estates.filing_plan import month_of
from estates.groups import derive_estate_groups
from estates.models import Assignment
from estates.numbering import allot_number
from estates.placing import Shelf, new_estate_folder, shelf_index

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from casebook.models.cases import CasePage
    from estates.models import Estate, User

Key = TypeVar("Key")
CASES = Shelf(CaseIndexPage, EstateFolderPage, MonthFolderPage, "案例库", "case-library")


def month_folder(estate: Estate, record_date: date) -> Page:
    return placing.month_folder(CASES, estate, record_date)


@transaction.atomic
def month_folders(wanted: Mapping[Key, tuple[Estate, date]]) -> dict[Key, Page]:
    """The containers of many estates and months at once, by the caller's keys; the missing ones are made together."""
    estates = _estate_folders({estate.pk: estate for estate, _day in wanted.values()})
    Page.objects.select_for_update().in_bulk([folder.pk for folder in estates.values()])
    found = _existing_months(estates, {month_of(day) for _estate, day in wanted.values()})
    missing = {}
    for estate, day in wanted.values():
        place = (estate.pk, month_of(day))
        if place not in found and place not in missing:
            missing[place] = MonthFolderPage(title=place[1], slug=place[1], month=place[1])
    insert_pages([(estates[estate_pk], page) for (estate_pk, _month), page in missing.items()])
    MonthFolderPage.objects.filter(pk__in=[page.pk for page in missing.values()]).update(live=True)
    found |= missing
    return {key: found[estate.pk, month_of(day)] for key, (estate, day) in wanted.items()}


def _estate_folders(estates: Mapping[int, Estate]) -> dict[int, EstateFolderPage]:
    """The containers of the estates, by estate id; the missing ones are made together."""
    parent = Page.objects.select_for_update().get(pk=shelf_index(CASES).pk)
    found = {folder.estate_id: folder for folder in EstateFolderPage.objects.filter(estate__in=estates)}
    missing = {pk: new_estate_folder(CASES, estate) for pk, estate in estates.items() if pk not in found}
    insert_pages([(parent, page) for page in missing.values()])
    EstateFolderPage.objects.filter(pk__in=[page.pk for page in missing.values()]).update(live=True)
    staffed = Assignment.objects.filter(estate__in=missing).values_list("estate", flat=True)
    for pk in set(staffed):
        derive_estate_groups(estates[pk])
    return found | missing


def _existing_months(
    estates: Mapping[int, EstateFolderPage], wanted: Collection[str]
) -> dict[tuple[int, str], MonthFolderPage]:
    by_path = {folder.path: pk for pk, folder in estates.items()}
    months = MonthFolderPage.objects.filter(month__in=wanted)
    return {(by_path[m.path[: -Page.steplen]], m.month): m for m in months if m.path[: -Page.steplen] in by_path}


@transaction.atomic
def number_and_place(case: CasePage, *, by: User | None) -> None:
    """Give the case its number, once, and file it under its record month. Called with the row locked."""
    if case.number:
        return
    number = allot_number(estate=case.estate, kind=RECORD_KIND, record_date=case.record_date, by=by)
    file_in_month(case)
    case.number = number
    type(case).objects.filter(pk=case.pk).update(number=number)


def file_in_month(case: CasePage) -> None:
    """Move the page to the container of its estate and record date, if it is not there."""
    placing.file_in_month(CASES, case, case.estate, case.record_date)
