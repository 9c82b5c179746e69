"""Documents in and out: only encrypted bytes reach a disk, and every reading is a line of the register."""

from __future__ import annotations

from http import HTTPStatus
from io import BufferedReader
from time import time
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile, File
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from archives import policies
from archives.models import DossierDocument, DossierPage
from archives.profiles import latest_profile
from archives.register import note
from archives.services.documents import CONTENT_TYPES, add_document, open_document
from archives.services.errors import DossierError
from archives.services.lending import loan_of
from archives.services.wording import reading_purpose
from archives.views.doors import dossier_or_404, private, reader_of
from archives.vocabulary import Purpose
from estates.requests import whole_number
from exchange.uploads import oversized_uploads, uploads_in_memory
from media.pdf import PdfError, without_description
from media.serving import serve
from vault.models.access import Act

if TYPE_CHECKING:
    from media.sealed import SealedReader

PURPOSES, PURPOSE_SECONDS = "document_purposes", 600
INLINE = frozenset({"pdf", "jpg", "png"})


@uploads_in_memory(dossier_or_404)
@require_POST
@private
def add(request: HttpRequest, key: str) -> HttpResponseBase:
    found = dossier_or_404(request, key)
    try:
        added = add_document(
            reader=reader_of(request),
            dossier=found,
            upload=(upload := uploaded_file(request)),
            name=upload.name or "",
            kind=request.POST.get("kind", ""),
            replaces=_replaced(request, found),
            has_paper=request.POST.get("no_paper") != "yes",
        )
    except DossierError as error:
        messages.error(request, str(error))
    else:
        said = _("已加入%(document)s，第 %(version)d 版。") % {"document": added, "version": added.version}
        messages.success(request, said)
    return redirect(found)


def uploaded_file(request: HttpRequest) -> File[bytes]:
    if oversized_uploads(request):
        raise DossierError(_("文件太大，没有保存。请压缩或分开后再传。"))
    upload = request.FILES.get("document")
    if not isinstance(upload, File):
        raise DossierError(_("请选择文件。"))
    return upload


def _replaced(request: HttpRequest, found: DossierPage) -> DossierDocument | None:
    return found.documents.filter(pk=whole_number(request.POST.get("replaces"))).first()


@require_http_methods(["GET", "HEAD", "POST"])
@private
def show(request: HttpRequest, key: str, pk: int) -> HttpResponseBase:
    """The document decrypted as it streams, whole or by one range; a sensitive one after a POST said what for. A
    borrower reads what is lent to him until it is due, for the purpose of the loan."""
    found, reader = dossier_or_404(request, key), reader_of(request)
    document = get_object_or_404(found.documents.select_related("dossier__customer"), pk=pk)
    loan = None
    if not policies.may_read_documents(reader.user, found) and (loan := loan_of(reader.user, document)) is None:
        note(reader, Act.REFUSED, found, part=document.part)
        raise PermissionDenied(_("这份文件没有借给您，请先申请借阅。"))
    if request.method == "POST":
        return _take_purpose(request, document)
    purpose = loan.purpose if loan else _purpose_given(request, document)
    if document.is_sensitive and not purpose:
        return _ask_purpose(request, document)
    act = Act.VIEWED if request.method == "HEAD" else Act.DOWNLOADED
    try:
        opened = open_document(reader=reader, document=document, purpose=purpose, act=act)
    except FileNotFoundError as error:
        raise Http404 from error
    return _streamed(request, document, opened)


def _streamed(request: HttpRequest, document: DossierDocument, opened: SealedReader) -> HttpResponseBase:
    """What a PDF calls itself would stay in the browser's history: shown, it has no title; `?download` gives the file
    as it was kept."""
    name = f"{document.path.rpartition('/')[2].removesuffix('.enc')}.{document.extension}"
    plain: File[bytes] = File(BufferedReader(opened), name)
    plain.size = document.size
    inline = document.extension in INLINE and "download" not in request.GET
    if inline and document.extension == "pdf":
        plain, inline = _for_a_tab(plain)
    etag = f"{document.sha256[:32]}-{plain.size}"
    response = serve(request, plain, content_type=CONTENT_TYPES[document.extension], etag=etag)
    response["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _for_a_tab(plain: File[bytes]) -> tuple[File[bytes], bool]:
    """The PDF without words about itself, and whether it may be shown; one that cannot be made so is downloaded."""
    content = plain.read()
    try:
        bare = without_description(content)
    except PdfError:
        return ContentFile(content, plain.name), False
    return ContentFile(bare, plain.name), True


def _ask_purpose(request: HttpRequest, document: DossierDocument, problem: str = "") -> HttpResponse:
    context = {"document": document, "dossier": document.dossier, "purposes": Purpose.choices, "problem": problem}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "archives/document_purpose.html", context, status=status)


def _take_purpose(request: HttpRequest, document: DossierDocument) -> HttpResponse:
    """The purpose holds for this document and a short time: the viewers of browsers ask for a file in pieces."""
    typed = request.POST.get("other", "") or request.POST.get("purpose", "")
    try:
        why = reading_purpose(typed, latest_profile(document.dossier.customer))
    except DossierError as error:
        return _ask_purpose(request, document, str(error))
    now = time()
    given = {key: row for key, row in request.session.get(PURPOSES, {}).items() if row[1] > now}
    request.session[PURPOSES] = {**given, str(document.pk): [why, now + PURPOSE_SECONDS]}
    return redirect("archives:document", document.dossier.key, document.pk)


def _purpose_given(request: HttpRequest, document: DossierDocument) -> str:
    why, until = request.session.get(PURPOSES, {}).get(str(document.pk), ("", 0.0))
    return str(why) if until > time() else ""
