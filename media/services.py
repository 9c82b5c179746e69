"""Writes to photos: store, give to a record, file elsewhere, discard. Files and rows never part."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from io import BytesIO
from typing import IO
from uuid import UUID

from django.core.files.base import File
from django.db import transaction

from estates.filing_plan import FilePlace
from estates.models import Estate, User
from estates.numbering import next_in
from media.inspection import InspectedPhoto
from media.models import SIZES, FileMove, Photo, rendition_path
from media.photo_reading import read_photo

LONGEST_ORIGINAL_NAME = 255


def store_photo(*, upload: IO[bytes] | File[bytes], name: str, place: FilePlace, by: User, client_id: UUID) -> Photo:
    """Keep the bytes under the filing plan's name, with a served copy. The same `client_id` gives the same photo.

    Raises PhotoError when the file is no usable photo; then nothing is kept.
    """
    if earlier := Photo.objects.filter(uploaded_by_user=by, client_id=client_id).first():
        return earlier
    inspected = read_photo(upload)
    photo = _unsaved_photo(inspected, name=name, place=place, by=by, client_id=client_id)
    path = free_path(place, inspected.extension)
    try:
        _write_files(photo, path, upload, inspected)
        photo.save()
    except BaseException:
        delete_stored([path, rendition_path(path, "copy")])
        raise
    for spec in SIZES.values():
        photo.get_rendition(spec)
    return photo


def _unsaved_photo(inspected: InspectedPhoto, *, name: str, place: FilePlace, by: User, client_id: UUID) -> Photo:
    return Photo(
        title=name[:LONGEST_ORIGINAL_NAME] or "photo",
        original_name=name[:LONGEST_ORIGINAL_NAME],
        client_id=client_id,
        sha256=inspected.sha256,
        file_size=inspected.size,
        captured_at=inspected.captured_at,
        estate=Estate.objects.get(code=place.estate),
        unit_code=place.unit or "",
        kind=place.kind,
        day=place.day,
        uploaded_by_user=by,
    )


def _write_files(photo: Photo, path: str, upload: IO[bytes] | File[bytes], inspected: InspectedPhoto) -> None:
    upload.seek(0)
    save_as(path, File(upload, path))
    photo.copy = rendition_path(path, "copy")
    save_as(photo.copy_path, File(BytesIO(inspected.copy)))
    photo.__dict__["file"] = path
    photo.width, photo.height = inspected.copy_width, inspected.copy_height


def free_path(place: FilePlace, extension: str) -> str:
    """The place's next path at which nothing lies: a killed process may have left bytes under a number that its
    rolled-back transaction gave back."""
    storage = Photo._meta.get_field("file").storage
    while True:
        path = place.path(next_in(place.scope), extension)
        if not (storage.exists(path) or storage.exists(rendition_path(path, "copy"))):
            return path


def save_as(path: str, content: File[bytes]) -> None:
    """Store under exactly this name. Raises FileExistsError rather than overwrite or rename."""
    storage = Photo._meta.get_field("file").storage
    stored = storage.save(path, content)
    if stored != path:
        storage.delete(stored)
        raise FileExistsError(path)


def delete_stored(paths: Iterable[str]) -> None:
    storage = Photo._meta.get_field("file").storage
    for path in paths:
        storage.delete(path)


@transaction.atomic
def give_photos_to_record(*, photos: Iterable[Photo], kind: str, record_id: int, place: FilePlace, by: User) -> None:
    """The record takes the photos; those that were uploaded for another place are filed at the record's."""
    for photo in Photo.objects.select_related("estate").filter(pk__in=[photo.pk for photo in photos]):
        photo.record_kind, photo.record_id = kind, record_id
        photo.save(update_fields=["record_kind", "record_id"])
        if photo.place != place:
            refile_photo(photo=photo, place=place, by=by)


@transaction.atomic
def refile_photo(*, photo: Photo, place: FilePlace, by: User | None) -> None:
    """Copy the files to the new place, note the move, and delete the old bytes once all is committed."""
    storage = photo.file.storage
    old_path, old_copy = photo.path, photo.copy_path
    path = free_path(place, old_path.rpartition(".")[2])
    new_copy = rendition_path(path, "copy")
    try:
        for old, new in ((old_path, path), (old_copy, new_copy)):
            with storage.open(old) as stream:
                save_as(new, File(stream, new))
        old_renditions = [rendition.file.name for rendition in photo.renditions.all()]
        photo.renditions.all().delete()
        estate = Estate.objects.get(code=place.estate)
        photo.unit_code, photo.kind, photo.day, photo.estate = place.unit or "", place.kind, place.day, estate
        photo.__dict__["file"], photo.copy = path, new_copy
        photo.save(update_fields=["file", "copy", "estate", "unit_code", "kind", "day"])
        FileMove.objects.create(old_path=old_path, new_path=path, sha256=photo.sha256, moved_by=by)
    except BaseException:
        delete_stored([path, new_copy])
        raise
    transaction.on_commit(partial(delete_stored, [old_path, old_copy, *old_renditions]))


@transaction.atomic
def discard_photos(photos: Iterable[Photo]) -> int:
    """Delete photos with all their files, once the transaction commits. Returns how many."""
    doomed = list(photos)
    paths: list[str] = []
    for photo in doomed:
        paths += [photo.path, photo.copy_path, *(r.file.name for r in photo.renditions.all())]
        photo.delete()
    transaction.on_commit(partial(delete_stored, paths))
    return len(doomed)
