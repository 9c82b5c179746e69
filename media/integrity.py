"""Do rows and bytes agree? Finds bytes that are missing or changed, and files that no row knows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

from django.utils import timezone

from media.models import FiledDocument, Photo, PhotoRendition, PublicPhoto, original_of_rendition

if TYPE_CHECKING:
    from django.core.files.storage import Storage

CHUNK = 1 << 20
SETTLED = timedelta(days=1)
"""A younger file without a row may belong to a filing that is still under way."""


StoredFiles = Callable[[], Iterator[tuple[str, str]]]
_sources: list[StoredFiles] = []


def register_stored_files(source: StoredFiles) -> None:
    """A room that keeps files of its own in the storage tells their paths and SHA-256."""
    _sources.append(source)


@dataclass
class Findings:
    """Paths in the storage. `orphans` are settled files that no row names: left by a process that was killed
    between writing a file and its row, or between a move and the deletion of the old bytes."""

    checked: int = 0
    missing: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not (self.missing or self.altered)


def check_files(*, progress: Callable[[int], object] = lambda count: None) -> Findings:
    """Read every original and compare its SHA-256, look for every other named file, list what no row names."""
    findings = Findings()
    storage = Photo._meta.get_field("file").storage
    named = set(PhotoRendition.objects.values_list("file", flat=True))
    for path, copy, sha256 in Photo.objects.order_by("pk").values_list("file", "copy", "sha256").iterator():
        _check_original(storage, path, sha256, findings)
        named |= {path, copy}
        if not storage.exists(copy):
            findings.missing.append(copy)
        findings.checked += 1
        progress(1)
    for path, sha256 in _told():
        _check_original(storage, path, sha256, findings)
        named.add(path)
        findings.checked += 1
        progress(1)
    limit = timezone.now() - SETTLED
    shown = {path.rpartition(".")[0] for path in named}
    unnamed = (path for path in _stored(storage) if path not in named and not _is_page_of(path, shown))
    findings.orphans = sorted(path for path in unnamed if storage.get_modified_time(path) < limit)
    return findings


def _told() -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of every file but the photos of records."""
    yield from FiledDocument.objects.order_by("pk").values_list("file", "sha256").iterator()
    for digests in PublicPhoto.objects.order_by("pk").values_list("digests", flat=True).iterator():
        yield from digests.items()
    yield from chain.from_iterable(source() for source in _sources)


def stored_names() -> Iterator[str]:
    """The names of all stored files."""
    yield from _stored(Photo._meta.get_field("file").storage)


def delete_orphans(findings: Findings) -> int:
    """Delete the orphans that are still orphans. Returns how many."""
    storage = Photo._meta.get_field("file").storage
    doomed = [path for path in findings.orphans if not _is_named(path)]
    for path in doomed:
        storage.delete(path)
    return len(doomed)


def _check_original(storage: Storage, path: str, sha256: str, findings: Findings) -> None:
    digest = hashlib.sha256()
    try:
        with storage.open(path) as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
    except FileNotFoundError:
        findings.missing.append(path)
        return
    if digest.hexdigest() != sha256:
        findings.altered.append(path)


def _is_page_of(path: str, stems: Collection[str]) -> bool:
    """A page of a drawing that was made to be shown: it belongs to its file."""
    stem, spec = original_of_rendition(path)
    return spec.startswith("page-") and stem in stems


def _is_named(path: str) -> bool:
    photos = Photo.objects.filter(file=path) | Photo.objects.filter(copy=path)
    if any(path == named for named, _sha256 in _told()):
        return True
    return bool(photos.exists() or PhotoRendition.objects.filter(file=path).exists())


def _stored(storage: Storage, folder: str = "") -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield f"{folder}/{name}" if folder else name
    for name in folders:
        yield from _stored(storage, f"{folder}/{name}" if folder else name)
