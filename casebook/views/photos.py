"""Photos on their way into a case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from casebook import policies
from casebook.models import CasePage
from casebook.services.filing import RECORD, PlacedPhoto
from casebook.vocabulary import RECORD_KIND
from estates.filing_plan import FilePlace
from estates.models import Estate, User
from estates.requests import person, whole_number, written_day
from estates.unit_codes import UnitCodeError, parse_unit
from exchange.uploads import oversized_uploads
from media.inspection import PhotoError
from media.models import Photo
from media.services import store_photo

MEGABYTE = 1024 * 1024


class PhotoRefused(Exception):
    """A photo could not be kept; the message names the file and says why. `placed`: those beside it that are kept."""

    def __init__(self, message: str, placed: Sequence[PlacedPhoto] | None = None) -> None:
        self.placed = placed
        super().__init__(message)


@require_POST
def upload_photo(request: HttpRequest) -> HttpResponseBase:
    """One photo ahead of its case, as soon as the place is known. The same client id is the same photo."""
    user = person(request)
    try:
        client_id = UUID(request.POST.get("client_id", ""))
        place = _place(request, user)
        photo = store_upload(user, _received(request), place, client_id)
    except (ValueError, PhotoRefused) as error:
        return JsonResponse({"error": str(error)}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return JsonResponse(
        {"id": str(photo.client_id), "thumb": photo.sized("thumb").url, "note": _seen_before(user, photo)}
    )


def _received(request: HttpRequest) -> File[bytes]:
    upload = request.FILES.get("file")
    if upload is None:
        raise PhotoRefused(_too_big(request) or _("没有收到照片，请重试。"))
    return upload


def store_upload(user: User, upload: File[bytes], place: FilePlace, client_id: UUID) -> Photo:
    """Keep one uploaded file. Raises PhotoRefused with the file's name and the reason."""
    try:
        return store_photo(upload=upload, name=upload.name or "", place=place, by=user, client_id=client_id)
    except PhotoError as error:
        raise PhotoRefused(f"{upload.name}：{error}") from error


def placed_photos(user: User, case: CasePage | None, client_ids: Iterable[str]) -> list[PlacedPhoto]:
    """The named photos in their order: those the case has, as they stand in it, and the user's own new uploads."""
    wanted = [text for text in client_ids if _is_uuid(text)]
    draft: CasePage | None = case.get_latest_revision_as_object() if case else None
    held = {row.photo_id: row for row in draft.photos.all()} if draft else {}
    mine = Photo.objects.takeable_by(user, wanted)
    own = Photo.objects.of_record(RECORD, case.pk) if case else Photo.objects.none()
    found = {str(photo.client_id): photo for photo in [*mine, *own.filter(client_id__in=wanted)]}
    placed = []
    for photo in (found[text] for text in dict.fromkeys(wanted) if text in found):
        row = held.get(photo.pk)
        placed.append(PlacedPhoto(photo, row.phase, row.caption) if row else PlacedPhoto(photo))
    return placed


def _place(request: HttpRequest, user: User) -> FilePlace:
    """Where the photo belongs: with its case where that has a fixed place, else where the form says."""
    slug = request.POST.get("slug")
    case = CasePage.objects.visible_to(user).filter(slug=slug).first() if slug else None
    if case and policies.may_edit_case(user, case) and case.number:
        return case.place
    estate = Estate.objects.fileable_by(user).filter(pk=whole_number(request.POST.get("estate"))).first()
    if estate is None:
        raise PhotoRefused(_("请先选择楼盘，照片才知道存到哪里。"))
    try:
        unit = str(parse_unit(request.POST["unit_text"])) if request.POST.get("unit_text") else None
    except UnitCodeError:
        unit = None
    return FilePlace(
        estate.code, unit, RECORD_KIND, written_day(request.POST.get("record_date")) or timezone.localdate()
    )


def _too_big(request: HttpRequest) -> str:
    names = oversized_uploads(request)
    if not names:
        return ""
    return _("%(name)s 超过 %(limit)d MB，不能上传。请用手机相册缩小后再传。") % {
        "name": names[0],
        "limit": settings.PHOTO_MAX_BYTES // MEGABYTE,
    }


def _seen_before(user: User, photo: Photo) -> str:
    """A word when a case that the user may see has the very same photo."""
    same = Photo.objects.filter(sha256=photo.sha256, record_kind=RECORD).exclude(pk=photo.pk)
    case = CasePage.objects.visible_to(user).filter(pk__in=same.values("record_id")).first()
    return _("这张照片已用在案例“%(title)s”里。") % {"title": case.title} if case else ""


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
