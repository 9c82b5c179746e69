"""PDFs that are shown by pages. What looks into them runs in `media.pdf_reader`, bounded in time and memory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from django.utils.translation import gettext as _

from media.models import RENDITIONS, FiledDocument

SECONDS = 40
EDGE = 1800
"""Pixels of the longer side of a page as it is shown."""

DESCRIBED = (b"/Title", b"/Author", b"/Subject", b"/Keywords", b"/Metadata", b"/ObjStm")
"""Where none of these stands, a PDF says nothing about itself; in object streams they cannot be seen."""

CHANGED = 0.0003
"""A page counts as changed when more of its area differs: a revision letter in the title block is less."""


class PdfError(ValueError):
    """The file cannot be shown by pages; the message says why and what to do, in the user's language."""


def count_pages(source: Path | bytes) -> int:
    """Bytes are passed in memory and touch no disk. Raises PdfError for what is no readable PDF with at least one
    page."""
    told = _ask("count", "-", stdin=source) if isinstance(source, bytes) else _ask("count", str(source))
    pages = _pages_told(told)
    if not pages:
        raise PdfError(_("这个 PDF 没有页面。请重新导出后再传。"))
    return pages


def without_description(content: bytes) -> bytes:
    """The PDF without its title, author and other words about it: a browser keeps them in its history. A file that has
    none comes back as it is. Raises PdfError."""
    if not any(mark in content for mark in DESCRIBED):
        return content
    bare = _run("pages-only", "-", stdin=content)
    if not bare.startswith(b"%PDF-"):
        raise PdfError(_("这个 PDF 太复杂，无法读取。请拆分或重新导出后再传。"))
    return bare


def page_image(document: FiledDocument, number: int) -> File[bytes]:
    """The page as a JPEG, made once and kept beside the file. Raises PdfError, and IndexError outside the pages."""
    if not 1 <= number <= (document.pages or 0):
        raise IndexError(number)
    storage, kept = document.file.storage, page_path(str(document.file.name), number)
    if not storage.exists(kept):
        with on_disk(document) as path, tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "page.jpg"
            told = _ask("page", str(path), str(number), str(EDGE), str(out))
            if "error" in told:
                raise PdfError(_("这一页无法显示，请下载图纸查看。"))
            content = out.read_bytes()
        if (stored := storage.save(kept, File(BytesIO(content)))) != kept:
            storage.delete(stored)  # somebody else was faster
    opened: File[bytes] = storage.open(kept)
    return opened


def page_path(path: str, number: int) -> str:
    """`renditions/YLW/2026-11/YLW_COMMON_TZ_20261123_00001.page-3.jpg`"""
    return f"{RENDITIONS}/{PurePosixPath(path).with_suffix('')}.page-{number}.jpg"


def changed_pages(old: FiledDocument, new: FiledDocument) -> list[int] | None:
    """Numbers of the pages of the new file that differ from the old one's; None where they cannot be compared."""
    with on_disk(old) as before, on_disk(new) as after:
        try:
            told = _ask("differences", str(before), str(after))
        except PdfError:
            return None
    shares = told.get("shares")
    if not isinstance(shares, list):
        return None
    return [number for number, share in enumerate(shares, 1) if share is None or share > CHANGED]


@contextmanager
def on_disk(document: FiledDocument) -> Iterator[Path]:
    """The file as a path; from a bucket it is copied for as long as it is needed."""
    storage = document.file.storage
    if isinstance(storage, FileSystemStorage):
        yield Path(storage.path(document.file.name))
        return
    with tempfile.NamedTemporaryFile(suffix=".pdf") as copy, storage.open(document.file.name) as stream:
        shutil.copyfileobj(stream, copy)
        copy.flush()
        yield Path(copy.name)


def _ask(*arguments: str, stdin: bytes = b"") -> dict[str, object]:
    """Raises PdfError when the reader fails or takes longer than SECONDS."""
    try:
        told: dict[str, object] = json.loads(_run(*arguments, stdin=stdin))
    except ValueError as error:
        raise PdfError(_("这个 PDF 太复杂，无法读取。请拆分或重新导出后再传。")) from error
    return told


def _run(*arguments: str, stdin: bytes = b"") -> bytes:
    command = [sys.executable, "-m", "media.pdf_reader", *arguments]
    try:
        done = subprocess.run(  # noqa: S603  our own program
            command, input=stdin, capture_output=True, check=True, timeout=SECONDS, cwd=settings.ROOT
        )
    except subprocess.SubprocessError as error:
        raise PdfError(_("这个 PDF 太复杂，无法读取。请拆分或重新导出后再传。")) from error
    return done.stdout


def _pages_told(told: dict[str, object]) -> int:
    if told.get("error") == "locked":
        raise PdfError(_("这个 PDF 有打开密码。请去掉密码后再传。"))
    pages = told.get("pages")
    if not isinstance(pages, int):
        raise PdfError(_("这个文件不是完整的 PDF。请重新导出后再传。"))
    return pages
