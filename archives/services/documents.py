"""Documents of a dossier: encrypted before storage, versions beside each other, read through one view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from archives.gates import count_gaps
from archives.models import DossierDocument, DossierPage
from archives.policies import may_enter, may_look_at
from archives.register import Reader, note
from archives.services.entering import hold_open
from archives.services.errors import DossierError
from archives.services.restricting import refuse_restricted, restricted_words
from archives.services.steps import take_step
from archives.services.wording import note_words
from archives.vocabulary import GROWING_KINDS, DocumentKind, State, Step
from media.documents import DocumentError, check_document
from media.pdf import PdfError
from media.sealed import SealedReader, store_sealed
from media.services import delete_stored
from vault.models.access import Act
from vault.sealing import Spot, seal, unseal

if TYPE_CHECKING:
    from estates.models import User
    from media.documents import CheckedDocument

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "dwg": "application/octet-stream",
}


def add_document(
    *,
    reader: Reader,
    dossier: DossierPage,
    upload: File[bytes],
    name: str,
    kind: str,
    replaces: DossierDocument | None = None,
    has_paper: bool = True,
) -> DossierDocument:
    """Keep the file as a new document of its kind, or as the next version of `replaces`.

    Raises PermissionDenied, DossierError for a file that cannot be kept, or of a kind that the dossier no longer takes:
    a filed one goes on gathering GROWING_KINDS.
    """
    if kind not in DocumentKind.values:
        raise DossierError(_("请选择文件种类。"))
    incoming = checked_file(upload, name, has_paper=has_paper)
    with transaction.atomic():
        held = _hold_for(reader, dossier, kind)
        document = keep_document(reader=reader, held=held, incoming=incoming, kind=kind, replaces=replaces)
        count_gaps(held)
    return document


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that may be kept."""

    upload: File[bytes]
    name: str
    checked: CheckedDocument
    has_paper: bool


def checked_file(upload: File[bytes], name: str, *, has_paper: bool = True) -> Incoming:
    """Raises DossierError for a file that cannot be kept."""
    try:
        return Incoming(upload, name, check_document(upload, name, in_memory=True), has_paper)
    except (DocumentError, PdfError) as error:
        raise DossierError(str(error)) from error


def _hold_for(reader: Reader, dossier: DossierPage, kind: str) -> DossierPage:
    if kind not in GROWING_KINDS:
        return hold_open(reader, dossier)
    held = DossierPage.objects.held(dossier.pk)
    refuse_restricted(held)
    return held if held.state == State.FILED and may_enter(reader.user, held) else hold_open(reader, dossier)


def keep_document(
    *,
    reader: Reader,
    held: DossierPage,
    incoming: Incoming,
    kind: str,
    replaces: DossierDocument | None = None,
) -> DossierDocument:
    """Seal and store the file as a document of the dossier, whose row the caller holds."""
    place = _place(held, kind, replaces)
    document = store_document(
        held=held, incoming=incoming, place=(kind, *place), added_by=reader.user, name=note_words(incoming.name)
    )
    try:
        detail = {"kind": kind, "title": document.title, "version": document.version}
        take_step(reader, held, Step.DOCUMENT, detail=detail)
    except BaseException:
        delete_stored([document.path])
        raise
    return document


def store_document(
    *, held: DossierPage, incoming: Incoming, place: tuple[str, int, int], added_by: User, name: str
) -> DossierDocument:
    """Seal and store the file as that kind, number and version, and nothing else. What fails leaves no file."""
    checked, (kind, title, version) = incoming.checked, place
    stored = store_sealed(upload=incoming.upload, place=held.place)
    try:
        document = DossierDocument(
            dossier=held,
            kind=kind,
            title=title,
            version=version,
            path=stored.path,
            sha256=stored.sha256,
            size=stored.size,
            extension=checked.extension,
            pages=checked.pages,
            has_paper=incoming.has_paper,
            added_by=added_by,
        )
        subject = held.customer.subject
        document.sealed_key = seal(subject, _key_spot(document), stored.key)
        document.seal_note(subject, name)
        document.save()
    except BaseException:
        delete_stored([stored.path])
        raise
    return document


def _place(held: DossierPage, kind: str, replaces: DossierDocument | None) -> tuple[int, int]:
    """Which document of its kind it is, and which version of that."""
    same = held.documents.filter(kind=kind)
    if replaces is not None and replaces.dossier_id == held.pk and replaces.kind == kind:
        newest = same.filter(title=replaces.title).aggregate(last=Max("version"))["last"]
        return replaces.title, (newest or 0) + 1
    return (same.aggregate(last=Max("title"))["last"] or 0) + 1, 1


def open_document(
    *, reader: Reader, document: DossierDocument, purpose: str = "", act: str = Act.DOWNLOADED
) -> SealedReader:
    """The plain bytes; the reading is noted, with the document and the purpose.

    Raises PermissionDenied where the use is stopped, DossierError for a sensitive document without a purpose, what
    `vault.sealing.unseal` raises, and FileNotFoundError.
    """
    if not may_look_at(reader.user, document.dossier):
        raise PermissionDenied(restricted_words())
    if document.is_sensitive and not purpose:
        raise DossierError(_("%(document)s是敏感文件，请先说明为了什么。") % {"document": document})
    opened = _opened(document)
    note(reader, act, document.dossier, purpose=purpose, part=document.part)
    return opened


def plain_document(document: DossierDocument) -> bytes:
    """The whole of it, for a caller that notes the reading himself. Raises as `open_document` does."""
    with _opened(document) as opened:
        return opened.read()


def _opened(document: DossierDocument) -> SealedReader:
    key = unseal(document.dossier.customer.subject, _key_spot(document), bytes(document.sealed_key))
    return SealedReader(document.path, key, document.size)


def _key_spot(document: DossierDocument) -> Spot:
    return Spot("archives.DossierDocument", document.row, "sealed_key")
