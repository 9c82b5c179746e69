"""Records file themselves: index → estate → month. Safe under concurrent filing: each level is made under its parent's
lock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.db import transaction
from wagtail.models import Page

from estates.containers import Container
from estates.filing_plan import month_of
from estates.groups import derive_estate_groups, derive_groups

if TYPE_CHECKING:
    from datetime import date

    from estates.models import Estate

P = TypeVar("P", bound=Page)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The containers of one kind of record. The estate's has a field `estate`, the month's a field `month`."""

    index: type[Container]
    estate: type[Container]
    month: type[Container]
    title: str
    slug: str


@transaction.atomic
def shelf_index(shelf: Shelf) -> Page:
    """The root of the shelf, made when first needed."""
    if found := shelf.index.objects.first():
        return found
    root = Page.objects.select_for_update().get(depth=1)
    if found := shelf.index.objects.first():
        return found
    made = _add(root, shelf.index(title=shelf.title, slug=shelf.slug))
    derive_groups()
    return made


@transaction.atomic
def estate_folder(shelf: Shelf, estate: Estate) -> Page:
    if found := shelf.estate.objects.filter(estate=estate).first():
        return found
    parent = Page.objects.select_for_update().get(pk=shelf_index(shelf).pk)
    if found := shelf.estate.objects.filter(estate=estate).first():
        return found
    made = _add(parent, new_estate_folder(shelf, estate))
    derive_estate_groups(estate)
    return made


def new_estate_folder(shelf: Shelf, estate: Estate) -> Container:
    return shelf.estate(title=f"{estate.code} {estate.name}", slug=estate.code.lower(), estate=estate)


@transaction.atomic
def month_folder(shelf: Shelf, estate: Estate, record_date: date) -> Page:
    """The container of that estate and month. Concurrent callers get the same one."""
    parent_pk, month = estate_folder(shelf, estate).pk, month_of(record_date)
    folders = shelf.month.objects.filter(month=month)
    parent = Page.objects.get(pk=parent_pk)
    if found := folders.child_of(parent).first():
        return found
    parent = Page.objects.select_for_update().get(pk=parent_pk)
    if found := folders.child_of(parent).first():
        return found
    return _add(parent, shelf.month(title=month, slug=month, month=month))


def file_in_month(shelf: Shelf, record: Page, estate: Estate, record_date: date) -> None:
    """Move the page to the container of that estate and date, if it is not there."""
    folder = month_folder(shelf, estate, record_date)
    if not record.path.startswith(folder.path):
        locked = Page.objects.select_for_update().get(pk=folder.pk)
        record.move(locked, pos="last-child")
        record.refresh_from_db(fields=["path", "depth", "url_path"])


def _add(parent: Page, page: P) -> P:
    parent.add_child(instance=page)
    return page
