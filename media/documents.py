"""Documents of records: checked by what they are, filed like photos, never rendered by the browser unless a PDF."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from estates.filing_plan import FilePlace
from estates.models import User
from media.inspection import digest
from media.models import FiledDocument
from media.pdf import count_pages
from media.services import delete_stored, free_path, save_as

PDF = "pdf"
STARTS: dict[str, bytes] = {
    PDF: b"%PDF-",
    "jpg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n",
    "docx": b"PK\x03\x04",
    "xlsx": b"PK\x03\x04",
    "dwg": b"AC10",
}
"""What may be attached, and how such a file begins."""


class DocumentError(ValueError):
    """The file cannot be kept; the message says why and what to do, in the user's language."""


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """What a file is; `pages` of a PDF."""

    extension: str
    pages: int | None


def check_document(upload: File[bytes], name: str, *, in_memory: bool = False) -> CheckedDocument:
    """With `in_memory` nothing of the file touches a disk.

    Raises DocumentError for a file of another kind than it says, and media.pdf.PdfError for an unreadable PDF.
    """
    extension = _extension(upload, name)
    count = _pages_in_memory if in_memory else _pages
    return CheckedDocument(extension, count(upload) if extension == PDF else None)


def store_document(  # noqa: PLR0913  a document has that many sides
    *, upload: File[bytes], name: str, place: FilePlace, by: User | None, kind: str, record_id: int
) -> FiledDocument:
    """Keep the file under the filing plan's name for the record.

    Raises DocumentError for a file of another kind than it says, and media.pdf.PdfError for an unreadable PDF.
    """
    checked = check_document(upload, name)
    sha256, size = digest(upload)
    path = free_path(place, checked.extension)
    upload.seek(0)
    save_as(path, File(upload, path))
    try:
        document = FiledDocument(
            title="".join(char for char in name if char.isprintable())[:255] or "file",
            record_kind=kind,
            record_id=record_id,
            uploaded_by_user=by,
            sha256=sha256,
            file_size=size,
            pages=checked.pages,
        )
        document.__dict__["file"] = path
        document.save()
    except BaseException:
        delete_stored([path])
        raise
    return document


def discard_documents(documents: list[FiledDocument]) -> None:
    """Delete documents and, once the transaction commits, their files."""
    paths = [str(document.file.name) for document in documents]
    for document in documents:
        document.delete()
    transaction.on_commit(partial(delete_stored, paths))


def _extension(upload: File[bytes], name: str) -> str:
    extension = name.rpartition(".")[2].lower().replace("jpeg", "jpg")
    if not upload.size:
        raise DocumentError(_("文件是空的。请重新选择。"))
    if extension not in STARTS:
        raise DocumentError(_("不能上传这种文件。可以上传 PDF、JPEG、PNG、Word、Excel 或 DWG。"))
    upload.seek(0)
    if not upload.read(16).startswith(STARTS[extension]):
        raise DocumentError(_("文件内容和扩展名“%(kind)s”不符。请确认后重新选择。") % {"kind": extension})
    return extension


def _pages_in_memory(upload: File[bytes]) -> int:
    upload.seek(0)
    return count_pages(upload.read())


def _pages(upload: File[bytes]) -> int:
    """Counted from a file on disk: a large upload lies there already."""
    path = getattr(upload, "temporary_file_path", None)
    if path is not None:
        return count_pages(Path(path()))
    upload.seek(0)
    with tempfile.NamedTemporaryFile(suffix=".pdf") as copy:
        shutil.copyfileobj(upload, copy)
        copy.flush()
        return count_pages(Path(copy.name))
