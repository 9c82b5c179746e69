"""Start a case and keep its draft. The phone form, the admin's *New case* and imports all come through here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Field
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from wagtail.models import Page, Revision

from casebook import policies
from casebook.fields import ChoiceListField
from casebook.models import CasePage, CasePhoto
from casebook.models.cases import new_slug
from casebook.placing import file_in_month, month_folder
from casebook.services.errors import CaseError, Change, StaleEdit
from casebook.titles import is_derived, title_of
from casebook.vocabulary import RECORD_KIND, PhotoPhase, State, listed
from estates.filing_plan import FilePlace
from estates.models import Estate, Unit, User
from estates.wording import enumeration
from media.models import Photo
from media.services import give_photos_to_record, refile_photo
from text.cleaning import clean, clean_line

RECORD = "case"
CONTENT_FIELDS = (
    "title",
    "description",
    "stage",
    "category",
    "severity",
    "cost",
    "cause",
    "cause_is_drawing",
    "drawing_number",
    "drawing_cause",
    "measure",
    "lesson",
    "requirement",
    "responsible_department",
    "to_design",
    "to_quality",
    "to_service",
    "no_photo_reason",
    "is_positive",
    "homes_affected",
    "components",
    "product_types",
    "climates",
    "review_stages",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case belongs. `unit` None means common parts."""

    estate: Estate
    unit: Unit | None
    record_date: date

    def for_files(self) -> FilePlace:
        return FilePlace(self.estate.code, self.unit.code if self.unit else None, RECORD_KIND, self.record_date)


@dataclass(frozen=True, slots=True)
class PlacedPhoto:
    photo: Photo
    phase: str = PhotoPhase.BEFORE
    caption: str = ""


@dataclass(frozen=True, slots=True)
class CaseContent:
    """What a version of a case says: values by name of CONTENT_FIELDS, and its photos in order (None: as they are)."""

    fields: Mapping[str, object]
    photos: Sequence[PlacedPhoto] | None = None


@transaction.atomic
def start_case(*, by: User, place: Place, content: CaseContent, client_id: UUID | None = None) -> CasePage:
    """Make a draft and file it. The same `client_id` gives the same case, changed by nothing.

    Raises PermissionDenied off the user's estates, or when the client id is somebody else's.
    """
    if not policies.may_file_on(by, place.estate):
        raise PermissionDenied
    # The lock makes siblings, and the same case sent twice at once, wait for each other.
    folder = Page.objects.select_for_update().get(pk=month_folder(place.estate, place.record_date).pk)
    if client_id and (earlier := CasePage.objects.filter(client_id=client_id).first()):
        if earlier.owner_id != by.pk:
            raise PermissionDenied
        return earlier
    case = CasePage(
        slug=new_slug(),
        estate=place.estate,
        unit=place.unit,
        record_date=place.record_date,
        client_id=client_id,
        owner=by,
        live=False,
    )
    _fill(case, content)
    folder.add_child(instance=case)
    _set_photos(case, case, content, by)
    case.photos.commit()
    case.save_revision(user=by, clean=False)
    return case


@transaction.atomic
def save_case(
    *,
    case: CasePage,
    by: User,
    content: CaseContent,
    place: Place | None = None,
    loaded_revision: int | None = None,
) -> CasePage:
    """Keep a new version of a draft. A published case keeps showing what it shows until the next confirmation.

    Raises PermissionDenied, CaseError while in review, StaleEdit when `loaded_revision` is not the latest.
    """
    row = CasePage.objects.select_for_update().get(pk=case.pk)
    if not policies.may_edit_case(by, row):
        raise PermissionDenied
    if row.workflow_in_progress:
        raise CaseError(_("案例正在审核，暂时不能修改。审核人退回后可以继续编辑。"))
    refuse_stale_edit(row, loaded_revision)
    if place and not row.number:
        _place_draft(row, place, by)
    draft: CasePage = row.get_latest_revision_as_object()
    _fill(draft, content)
    _set_photos(draft, row, content, by)
    if not draft.live:
        draft.save(clean=False)
    draft.save_revision(user=by, log_action=True, clean=False)
    return draft


def refuse_stale_edit(row: CasePage, loaded_revision: int | None) -> None:
    """Raises StaleEdit, naming who changed what and when, unless the form was opened on the latest version."""
    latest = row.get_latest_revision()
    if loaded_revision is None or latest is None or latest.pk == loaded_revision:
        return
    opened = row.revisions.filter(pk=loaded_revision).first()
    raise stale_edit(row, opened, latest)


def stale_edit(row: CasePage, opened: Revision | None, latest: Revision) -> StaleEdit:
    """Who changed what, and when, from the one version to the other; without the first, all that the case says."""
    changes = list(_changes(row, opened.content if opened else {}, latest))
    message = _("%(person)s 在 %(time)s 修改过这份案例（%(fields)s）。您的内容没有保存，请对照最新版本后再保存。") % {
        "person": latest.user or _("其他人"),
        "time": date_format(localtime(latest.created_at), "Y-m-d H:i"),
        "fields": (enumeration(change.label for change in changes) if opened else "") or _("内容"),
    }
    return StaleEdit(message, latest.pk, changes)


def _changes(row: CasePage, old: Mapping[str, object], latest: Revision) -> Iterator[Change]:
    version: CasePage = latest.as_object()
    for name in CONTENT_FIELDS:
        if old.get(name) != latest.content.get(name):
            field = row._meta.get_field(name)
            yield Change(str(field.verbose_name), _in_words(version, field))
    if old.get("photos") != latest.content.get("photos"):
        photos = (f"{row.photo.original_name} {row.caption}".strip() for row in version.photos.all())
        yield Change(str(_("照片")), enumeration(photos))


def _in_words(version: CasePage, field: Field[Any, Any]) -> str:
    value = field.value_from_object(version)
    if isinstance(field, ChoiceListField):
        return listed(field.choices_of, value) if field.choices_of else enumeration(value)
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if field.choices:
        return str(dict(field.flatchoices).get(value, ""))
    related = getattr(version, field.name)
    return "" if related is None else str(related)


def _fill(case: CasePage, content: CaseContent) -> None:
    """A title that was made from the description follows it, until a person writes another."""
    before = case.description
    follows = "title" not in content.fields and is_derived(str(case.title), before)
    for name in CONTENT_FIELDS:
        if name in content.fields:
            value = content.fields[name]
            setattr(case, name, clean(value).strip() if isinstance(value, str) else value)
    title = "" if follows else str(case.title or "").strip()
    if before and before != case.description and is_derived(title, before):
        title = ""
    case.title = title or title_of(case.description)
    case.draft_title = case.title


def _set_photos(draft: CasePage, row: CasePage, content: CaseContent, by: User) -> None:
    """Give the photos of this version to the record, and the version its photos in their order."""
    if content.photos is None:
        return
    give_photos_to_record(
        photos=[p.photo for p in content.photos], kind=RECORD, record_id=row.pk, place=row.place, by=by
    )
    draft.photos.set([_row(placed, order) for order, placed in enumerate(content.photos)])


def _row(placed: PlacedPhoto, order: int) -> CasePhoto:
    return CasePhoto(photo=placed.photo, phase=placed.phase, caption=clean_line(placed.caption), sort_order=order)


def _place_draft(row: CasePage, place: Place, by: User) -> None:
    """Before it has a number, a draft may be placed anew; its photos follow."""
    if (row.estate_id, row.unit_id, row.record_date) == (place.estate.pk, _pk(place.unit), place.record_date):
        return
    if not policies.may_file_on(by, place.estate):
        raise PermissionDenied
    row.estate, row.unit, row.record_date = place.estate, place.unit, place.record_date
    row.save(update_fields=["estate", "unit", "record_date"], clean=False)
    file_in_month(row)
    for photo in Photo.objects.of_record(RECORD, row.pk):
        refile_photo(photo=photo, place=row.place, by=by)


def _pk(unit: Unit | None) -> int | None:
    return unit.pk if unit else None


def set_state(case: CasePage, state: State) -> None:
    """The state is a fact of the record: one column of its row, and of its search document."""
    case.state = state
    case.save(update_fields=["state"], clean=False)
