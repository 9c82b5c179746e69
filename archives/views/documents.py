"""Documents in and out: only encrypted bytes reach a disk, and every reading is a line of the register."""

from __future__ import annotations

from io import BufferedReader

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile, File
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archives import policies
from archives.models import DossierDocument, DossierPage
from archives.services.documents import CONTENT_TYPES, add_document, open_document
from archives.services.errors import DossierError
from archives.services.lending import borrowed
from archives.views.doors import dossier_or_404, private, reader_of
from estates.requests import person, whole_number
from exchange.uploads import oversized_uploads, uploads_in_memory
from media.pdf import PdfError, without_description
from media.serving import serve
from vault.models.access import Act

INLINE = frozenset({"pdf", "jpg", "png"})


@uploads_in_memory
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


@require_safe
@private
def show(request: HttpRequest, key: str, pk: int) -> HttpResponseBase:
    """The document decrypted as it streams, whole or by one range. A borrower reads what is lent to him until it is
    due. What a PDF calls itself would stay in the browser's history: shown, it has no title; `?download` gives the file
    as it was kept."""
    found, user, reader = dossier_or_404(request, key), person(request), reader_of(request)
    document = get_object_or_404(found.documents.select_related("dossier__customer"), pk=pk)
    if not policies.may_read_documents(user, found) and not borrowed(user, document):
        raise PermissionDenied(_("这份文件没有借给您，请先申请借阅。"))
    try:
        opened = open_document(reader=reader, document=document, act=Act.DOWNLOADED)
    except FileNotFoundError as error:
        raise Http404 from error
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
