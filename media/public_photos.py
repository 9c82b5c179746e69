"""Photos for everybody: what shall not be seen is blurred for good, before anything is stored where it is served."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from functools import partial
from hashlib import sha256
from io import BytesIO
from typing import IO

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageFilter

from estates.models import User
from media.models import PUBLIC, PUBLIC_SIZES, Photo, PublicPhoto
from media.photo_reading import read_photo
from media.services import delete_stored, save_as

Box = tuple[float, float, float, float]
MOST_BOXES = 60
COARSE = 6
"""A blurred box keeps so many cells along its longer edge: no face, plate or door number can be made out."""

QUALITY = 85


class UnfitForPublic(ValueError):
    """What was asked about a public photo cannot be done; the message says why, in the user's language."""


@transaction.atomic
def publish_upload(
    *, upload: IO[bytes] | File[bytes], title: str, alternative: str, boxes: Sequence[Box], by: User
) -> PublicPhoto:
    """Keep an uploaded photo for the public. Raises PhotoError for no photo, UnfitForPublic for bad words or boxes."""
    inspected = read_photo(upload)
    made = _described(title, alternative, boxes, by)
    made.width, made.height = inspected.copy_width, inspected.copy_height
    made.base = f"{PUBLIC}/base/{secrets.token_hex(16)}.jpg"
    try:
        save_as(str(made.base), ContentFile(inspected.copy))
        _store_sizes(made, inspected.copy)
    except BaseException:
        delete_stored([str(made.base), *_paths(made)])
        raise
    made.save()
    return made


@transaction.atomic
def publish_photo(*, photo: Photo, title: str, alternative: str, boxes: Sequence[Box], by: User) -> PublicPhoto:
    """A copy of a record's photo for the public; the record's stays as it is. Raises UnfitForPublic."""
    made = _described(title, alternative, boxes, by)
    made.source, made.width, made.height = photo, photo.width, photo.height
    _store_sizes(made, _base_of(made))
    made.save()
    return made


@transaction.atomic
def blur_again(*, public: PublicPhoto, alternative: str, boxes: Sequence[Box]) -> PublicPhoto:
    """Other boxes or words. The old addresses end: what was not blurred enough is gone. Raises UnfitForPublic."""
    row = PublicPhoto.objects.select_for_update(of=("self",)).get(pk=public.pk)
    old = _paths(row)
    row.blurred, row.alternative = _boxes(boxes), _words(alternative)
    row.revision += 1
    _store_sizes(row, _base_of(row))
    row.save(update_fields=["blurred", "alternative", "revision", "digests"])
    transaction.on_commit(partial(delete_stored, old))
    return row


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


def _described(title: str, alternative: str, boxes: Sequence[Box], by: User) -> PublicPhoto:
    named = title.strip()[:120]
    return PublicPhoto(title=named or _("照片"), alternative=_words(alternative), blurred=_boxes(boxes), made_by=by)


def _words(alternative: str) -> str:
    told = " ".join(alternative.split())
    if not told:
        raise UnfitForPublic(_("请写替代文字：一句话说照片里有什么，给看不见照片的人。"))
    return told[:200]


def _boxes(boxes: Sequence[Box]) -> list[Box]:
    if len(boxes) > MOST_BOXES:
        raise UnfitForPublic(_("模糊区域最多 %(most)d 个。") % {"most": MOST_BOXES})
    if not all(_is_box(box) for box in boxes):
        raise UnfitForPublic(_("模糊区域超出了照片，请重新框选。"))
    return [tuple(round(float(part), 4) for part in box) for box in boxes]  # type: ignore[misc]


def _is_box(box: Box) -> bool:
    left, top, width, height = box
    return 0 <= left < 1 and 0 <= top < 1 and 0 < width <= 1 - left + 1e-3 and 0 < height <= 1 - top + 1e-3


def _base_of(public: PublicPhoto) -> bytes:
    with open_base(public) as stream:
        return stream.read()


def _store_sizes(public: PublicPhoto, base: bytes) -> None:
    """Store what is served, and note what all files of the photo are."""
    public.digests = {str(public.base): sha256(base).hexdigest()} if public.base else {}
    for size, content in _sizes(base, public.blurred):
        save_as(public.path(size), ContentFile(content))
        public.digests[public.path(size)] = sha256(content).hexdigest()


def _sizes(base: bytes, boxes: Iterable[Box]) -> list[tuple[str, bytes]]:
    with Image.open(BytesIO(base)) as opened:
        image = opened.convert("RGB")
    for box in boxes:
        blur_box(image, box)
    made = []
    for size, edge in PUBLIC_SIZES.items():
        small = image.copy()
        small.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        buffer = BytesIO()
        small.save(buffer, "JPEG", quality=QUALITY, optimize=True, progressive=True)
        made.append((size, buffer.getvalue()))
    return made


def blur_box(image: Image.Image, box: Box) -> None:
    """Replace the box by a few coarse cells, smoothed. Nothing of what was there can be had back."""
    left, top = int(box[0] * image.width), int(box[1] * image.height)
    right = min(max(round((box[0] + box[2]) * image.width), left + 1), image.width)
    bottom = min(max(round((box[1] + box[3]) * image.height), top + 1), image.height)
    part = image.crop((left, top, right, bottom))
    scale = COARSE / max(part.size)
    cells = part.resize((max(int(part.width * scale), 1), max(int(part.height * scale), 1)), Image.Resampling.BOX)
    smooth = cells.resize(part.size, Image.Resampling.BILINEAR)
    image.paste(smooth.filter(ImageFilter.GaussianBlur(max(part.size) / COARSE / 2)), (left, top))


def _paths(public: PublicPhoto) -> list[str]:
    return [public.path(size) for size in PUBLIC_SIZES]
