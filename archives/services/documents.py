"""Documents of a dossier: encrypted before storage, versions beside each other, read through one view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.files.base import File
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from archives.gates import count_gaps
from archives.models import DossierDocument
from archives.register import Reader, note
from archives.services.entering import hold_open
from archives.services.errors import DossierError
from archives.services.steps import take_step
from archives.services.wording import note_words
from archives.vocabulary import DocumentKind, Step
from media.documents import DocumentError, check_document
from media.pdf import PdfError
from media.sealed import SealedReader, store_sealed
from media.services import delete_stored
from vault.models.access import Act
from vault.sealing import Spot, seal, unseal

if TYPE_CHECKING:
    from archives.models import DossierPage

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

    Raises PermissionDenied, DossierError for a file that cannot be kept or a dossier that is not being entered.
    """
    if kind not in DocumentKind.values:
        raise DossierError(_("请选择文件种类。"))
    try:
        checked = check_document(upload, name, in_memory=True)
    except (DocumentError, PdfError) as error:
        raise DossierError(str(error)) from error
    with transaction.atomic():
        held = hold_open(reader, dossier)
        stored = store_sealed(upload=upload, place=held.place)
        try:
            title, version = _place(held, kind, replaces)
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
                has_paper=has_paper,
                added_by=reader.user,
            )
            subject = held.customer.subject
            document.sealed_key = seal(subject, _key_spot(document), stored.key)
            document.seal_note(subject, note_words(name))
            document.save()
            detail = {"kind": kind, "title": title, "version": version}
            count_gaps(held)
            take_step(reader, held, Step.DOCUMENT, detail=detail)
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
    """The plain bytes; the reading is noted. Raises what `vault.sealing.unseal` raises, and FileNotFoundError."""
    key = unseal(document.dossier.customer.subject, _key_spot(document), bytes(document.sealed_key))
    opened = SealedReader(document.path, key, document.size)
    note(reader, act, document.dossier, purpose=purpose)
    return opened


def _key_spot(document: DossierDocument) -> Spot:
    return Spot("archives.DossierDocument", document.row, "sealed_key")
