"""Photos for everybody: judged by a person, blurred for good before anything is stored where it is served."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import IO

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from estates.access import reach_of
from estates.models import Estate, User
from media.blurring import Box, UnfitForPublic, all_covered, blurred_sizes, boxes_of, checked_boxes
from media.judges import JUDGES, may_judge
from media.models import PUBLIC, PUBLIC_SIZES, Photo, PublicPhoto
from media.photo_reading import read_photo
from media.records import may_see_file
from media.services import delete_stored, save_as
from text.cleaning import clean_line
from vault.personal_data import find_personal_data


@transaction.atomic
def upload_photo(
    *, upload: IO[bytes] | File[bytes], title: str, alternative: str, by: User, estate: Estate | None = None
) -> PublicPhoto:
    """Keep an uploaded photo until somebody has judged it; nobody but the people of its estate sees it so far.

    Raises PhotoError for no photo, UnfitForPublic for bad words, PermissionDenied.
    """
    inspected = read_photo(upload)
    made = _described(title, alternative, by)
    made.estate_id = _own_estate(by, estate)
    made.width, made.height = inspected.copy_width, inspected.copy_height
    made.base = f"{PUBLIC}/base/{secrets.token_hex(16)}.jpg"
    save_as(str(made.base), ContentFile(inspected.copy))
    try:
        _know_base(made, inspected.copy)
        made.save()
        log(instance=made, action="media.uploaded", user=by)
    except BaseException:
        delete_stored([str(made.base)])
        raise
    return made


@transaction.atomic
def publish_upload(
    *,
    upload: IO[bytes] | File[bytes],
    title: str,
    alternative: str,
    boxes: Sequence[Box],
    by: User,
) -> PublicPhoto:
    """An uploaded photo with the judgement of who uploads it. Raises PhotoError, UnfitForPublic, PermissionDenied."""
    wanted = checked_boxes(boxes)
    made = upload_photo(upload=upload, title=title, alternative=alternative, by=by)
    return judge_photo(public=made, alternative=alternative, boxes=wanted, by=by)


@transaction.atomic
def publish_photo(*, photo: Photo, title: str, alternative: str, boxes: Sequence[Box], by: User) -> PublicPhoto:
    """A copy of a record's photo for the public; the record's stays as it is. Where another copy was blurred more, it
    waits for a second person. Raises UnfitForPublic, PermissionDenied."""
    wanted = checked_boxes(boxes)
    made = _described(title, alternative, by)
    made.source, made.estate, made.width, made.height = photo, photo.estate, photo.width, photo.height
    if not may_judge(by, made) or not may_see_file(by, photo):
        raise PermissionDenied
    _know_base(made, base_of(made))
    made.save()
    return judge_photo(public=made, alternative=alternative, boxes=wanted, by=by)


@transaction.atomic
def judge_photo(*, public: PublicPhoto, alternative: str, boxes: Sequence[Box], by: User) -> PublicPhoto:
    """What a person says is to be blurred, or that nothing is. The first judgement makes the photo public.

    Every later one waits for a second person: until then the old version stays, unless the new boxes hide what it
    shows, which takes it away at once. Raises UnfitForPublic, PermissionDenied.
    """
    row = _held(public, by)
    wanted, row.alternative = checked_boxes(boxes), checked_words(alternative)
    if _is_first(row) and not _uncovered_by(row, wanted):
        _serve(row, wanted, by)
        log(instance=row, action="media.judged", user=by)
    elif row.is_served and wanted == boxes_of(row.blurred):
        row.proposed = row.proposed_by = row.proposed_at = None
    else:
        row.proposed, row.proposed_by, row.proposed_at = wanted, by, timezone.now()
        if row.state == PublicPhoto.State.WITHDRAWN or (row.is_served and not all_covered(wanted, row.blurred)):
            _take_away(row, PublicPhoto.State.WAITING)
        log(instance=row, action="media.blur_proposed", user=by)
    row.save()
    return row


@transaction.atomic
def decide_blur(*, public: PublicPhoto, seen: datetime | None, approve: bool, by: User) -> PublicPhoto:
    """A second person's word on the boxes that he saw. Raises UnfitForPublic when it is not his to decide, or when
    they are others by now; PermissionDenied."""
    row = _held(public, by)
    if row.proposed is None or row.proposed_at != seen:
        raise UnfitForPublic(_("模糊区域已被改动或处理过，请重新看一遍再决定。"))
    if row.proposed_by_id == by.pk:
        raise UnfitForPublic(_("改模糊区域和同意要由两个人做：请另一位同事审看。"))
    if approve:
        _take_away(row, row.state)
        _serve(row, boxes_of(row.proposed), by)
    row.proposed = row.proposed_by = row.proposed_at = None
    row.save()
    log(instance=row, action="media.blur_approved" if approve else "media.blur_refused", user=by)
    return row


@transaction.atomic
def withdraw_photo(*, public: PublicPhoto, by: User) -> PublicPhoto:
    """Nobody is served the photo any more, at no address that it ever had. Raises PermissionDenied."""
    row = _held(public, by)
    if row.state != PublicPhoto.State.WITHDRAWN:
        _take_away(row, PublicPhoto.State.WITHDRAWN)
        row.proposed = row.proposed_by = row.proposed_at = None
        row.save()
        log(instance=row, action="media.withdrawn", user=by)
    return row


def _held(public: PublicPhoto, by: User) -> PublicPhoto:
    row = PublicPhoto.objects.select_for_update(of=("self",)).get(pk=public.pk)
    if not may_judge(by, row):
        raise PermissionDenied
    return row


def _own_estate(by: User, estate: Estate | None) -> int | None:
    """Whose an upload is: of the named estate, else of the only one where the person works, else the company's."""
    reach = reach_of(by, JUDGES)
    if not reach or (estate and not reach.covers(estate.pk)):
        raise PermissionDenied
    if estate:
        return estate.pk
    return next(iter(reach.estate_ids)) if len(reach.estate_ids) == 1 else None


def _is_first(public: PublicPhoto) -> bool:
    return public.state == PublicPhoto.State.WAITING and public.judged_at is None and public.proposed is None


def _uncovered_by(public: PublicPhoto, boxes: Sequence[Box]) -> bool:
    """Whether another copy of the same photo hides, by somebody's judgement, what these boxes would show."""
    twins = PublicPhoto.objects.filter(base_sha256=public.base_sha256).exclude(pk=public.pk)
    told = [*twins.values_list("blurred", flat=True), *twins.values_list("proposed", flat=True)]
    return any(not all_covered(boxes_of(others or []), boxes) for others in told)


def _serve(public: PublicPhoto, boxes: Sequence[Box], by: User) -> None:
    public.blurred, public.state = list(boxes), PublicPhoto.State.PUBLIC
    public.judged_by, public.judged_at = by, timezone.now()
    try:
        _store_sizes(public, base_of(public))
    except BaseException:
        delete_stored(_paths(public))
        raise


def _take_away(public: PublicPhoto, state: str) -> None:
    """What was served goes, and its addresses with it: they are never used again."""
    transaction.on_commit(partial(delete_stored, _paths(public)))
    public.state, public.revision = state, public.revision + 1
    public.digests = {path: one for path, one in public.digests.items() if path == str(public.base)}


def open_base(public: PublicPhoto) -> IO[bytes]:
    """The photo before blurring, for those who decide what is blurred. Raises UnfitForPublic when its record took
    it away."""
    if public.source:
        return public.source.open_file()
    if not public.base:
        raise UnfitForPublic(_("原照片已随案卷删除，不能再改模糊区域；已公开的版本不变。"))
    return public.base.storage.open(str(public.base))


def open_size(public: PublicPhoto, size: str) -> File[bytes]:
    """Raises FileNotFoundError."""
    opened: File[bytes] = public.base.storage.open(public.path(size))
    opened.seek(0)  # a bucket is asked now, before an answer begins
    return opened


def _described(title: str, alternative: str, by: User) -> PublicPhoto:
    named = clean_line(title)[:120]
    if find_personal_data(title):
        raise UnfitForPublic(_("照片名里像有个人信息（姓名称呼、电话、证件号或车牌），请去掉。"))
    return PublicPhoto(title=named or _("照片"), alternative=checked_words(alternative), made_by=by)


def checked_words(alternative: str) -> str:
    told = clean_line(alternative)
    if not told:
        raise UnfitForPublic(_("请写替代文字：一句话说照片里有什么，给看不见照片的人。"))
    if find_personal_data(alternative):
        raise UnfitForPublic(_("替代文字里像有个人信息（姓名称呼、电话、证件号或车牌），请去掉。"))
    return told[:200]


def base_of(public: PublicPhoto) -> bytes:
    with open_base(public) as stream:
        return stream.read()


def _know_base(public: PublicPhoto, base: bytes) -> None:
    public.base_sha256 = sha256(base).hexdigest()
    public.digests = {str(public.base): public.base_sha256} if public.base else {}


def _store_sizes(public: PublicPhoto, base: bytes) -> None:
    """Store what is served, and note what all files of the photo are."""
    _know_base(public, base)
    for size, content in blurred_sizes(base, public.blurred):
        save_as(public.path(size), ContentFile(content))
        public.digests[public.path(size)] = sha256(content).hexdigest()


def _paths(public: PublicPhoto) -> list[str]:
    return [public.path(size) for size in PUBLIC_SIZES]
