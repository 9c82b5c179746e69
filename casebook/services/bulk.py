"""Many cases at once: what `start_case`, numbering and publishing write one by one, written by the batch.

It inserts page rows with computed paths, type rows, first revisions, log, references and search documents.
It uses a few private functions of Wagtail and treebeard; tests/casebook/test_bulk.py holds it equal to the
ordinary way, table by table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from wagtail.models import Page, PageLogEntry

from casebook.documents import case_document
from casebook.models import CasePage
from casebook.models.cases import new_slug
from casebook.placing import month_folders
from casebook.services.alerting import note_changed
from casebook.vocabulary import RECORD_KIND, Origin, State
from estates.bulk_pages import BATCH, insert_pages, insert_references, insert_revisions
from estates.filing_plan import month_of
from estates.models import Estate, User
from estates.numbering import Series, allot_numbers
from search import index

CREATED, PUBLISHED = "wagtail.create", "wagtail.publish"


@dataclass(frozen=True, slots=True)
class PublishedCase:
    """A case that arrives finished, from another system: numbered and published as it is filed."""

    estate: Estate
    record_date: date
    fields: dict[str, object]
    source_id: str
    origin: str = Origin.IMPORTED

    @property
    def folder(self) -> tuple[str, str]:
        return self.estate.code, month_of(self.record_date)


@transaction.atomic
def file_published_cases(cases: Iterable[PublishedCase], *, by: User | None) -> list[CasePage]:
    """File, number and publish all of them in one transaction; give it some hundreds at a time.

    The texts are the caller's to validate: no form looks at them here. Raises IntegrityError on a known source id.
    """
    ordered = sorted(cases, key=attrgetter("folder", "record_date", "source_id"))
    if not ordered:
        return []
    folders = month_folders({case.folder: (case.estate, case.record_date) for case in ordered})
    numbers = _numbers(ordered, by)
    pages = [_unsaved(case, numbers[case.source_id], by) for case in ordered]
    now = timezone.now()
    insert_pages([(folders[case.folder], page) for case, page in zip(ordered, pages, strict=True)])
    insert_revisions(pages, by, now)
    _publish_rows(pages, now)
    _log(pages, by, now)
    insert_references(pages)
    index.put([case_document(page) for page in pages])
    note_changed(page.pk for page in pages)
    return pages


def _numbers(ordered: Sequence[PublishedCase], by: User | None) -> dict[str, str]:
    """Numbers by source id, in the order of the cases within each estate and year."""
    members: dict[Series, list[PublishedCase]] = {}
    for case in ordered:
        members.setdefault(Series(case.estate.code, RECORD_KIND, case.record_date.year), []).append(case)
    given = allot_numbers({series: len(cases) for series, cases in members.items()}, by=by)
    return {
        case.source_id: number
        for series, cases in members.items()
        for case, number in zip(cases, given[series], strict=True)
    }


def _unsaved(case: PublishedCase, number: str, by: User | None) -> CasePage:
    return CasePage(
        number=number,
        slug=new_slug(),
        estate=case.estate,
        record_date=case.record_date,
        source_id=case.source_id,
        origin=case.origin,
        state=State.PUBLISHED,
        owner=by,
        **case.fields,
    )


def _publish_rows(pages: Sequence[CasePage], now: datetime) -> None:
    rows = Page.objects.filter(pk__in=[page.pk for page in pages])
    rows.update(has_unpublished_changes=False)
    rows.update(live_revision=F("latest_revision"), live=True, first_published_at=now, last_published_at=now)
    published = rows.in_bulk()
    for page in pages:
        page.live, page.first_published_at, page.last_published_at = True, now, now
        page.latest_revision_id = page.live_revision_id = published[page.pk].latest_revision_id
        page.latest_revision_created_at = now


def _log(pages: Sequence[CasePage], by: User | None, now: datetime) -> None:
    content_type = ContentType.objects.get_for_model(CasePage)
    PageLogEntry.objects.bulk_create(
        [
            PageLogEntry(
                content_type=content_type,
                page_id=page.pk,
                label=page.get_admin_display_title(),
                action=action,
                timestamp=now,
                user=by,
                revision_id=page.latest_revision_id if action == PUBLISHED else None,
                content_changed=True,
                data={},
            )
            for page in pages
            for action in (CREATED, PUBLISHED)
        ],
        batch_size=BATCH,
    )
