"""Files at the answering desk: photos of the frozen version, drawings and their pages, attachments."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.base import File
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from casebook.desk import Desk
from casebook.models import Answer, Drawing, LinkVisit
from casebook.services.drawings import mark_changed, upload_drawing
from casebook.services.errors import CaseError
from casebook.views.desk import FRAGMENT, visited
from estates.requests import whole_number
from estates.wording import enumeration
from exchange.uploads import DRAWING_FIELD, oversized_uploads
from media.documents import DocumentError
from media.models import SIZES, FiledDocument, Photo
from media.pdf import PdfError, page_image
from media.serving import serve
from media.watermark import watermarked


@require_safe
def photo(request: HttpRequest, desk: Desk, item: int, place: int) -> HttpResponseBase:
    """A photo of the version that the item shows, by its place from 0; also after its case was withdrawn. `?size=` one
    of media's sizes."""
    row = get_object_or_404(desk.items, pk=item)
    if not 0 <= place < len(row.photos):
        raise Http404
    shown = get_object_or_404(Photo, pk=row.photos[place])
    size = request.GET.get("size", "")
    size = size if size in SIZES else "page"
    return _picture(request, desk, shown.rendition(size).file.open("rb"), etag=f"{shown.sha256[:32]}-{size}")


@require_safe
def drawing_page(request: HttpRequest, desk: Desk, drawing: int, page: int) -> HttpResponseBase:
    """One page of a drawing as a picture."""
    row = get_object_or_404(desk.drawings, pk=drawing)
    visited(request, desk, LinkVisit.Act.DRAWING, about=f"{row} {page}")
    try:
        picture = page_image(row.document, page)
    except (IndexError, PdfError) as error:
        raise Http404 from error
    return _picture(request, desk, picture, etag=f"{row.document.sha256[:32]}-{page}")


def _picture(request: HttpRequest, desk: Desk, picture: File[bytes], *, etag: str) -> HttpResponseBase:
    if not desk.watermark:
        return serve(request, picture, content_type="image/jpeg", etag=etag)
    with picture:
        response = HttpResponse(watermarked(picture, desk.watermark), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def drawing_file(request: HttpRequest, desk: Desk, drawing: int) -> HttpResponseBase:
    """The PDF itself; a link gets only what was uploaded through it."""
    row = get_object_or_404(desk.drawings, pk=drawing)
    if desk.is_outside and row.link_id != desk.by.pk:
        raise Http404
    visited(request, desk, LinkVisit.Act.DRAWING, about=str(row))
    return _download(request, row.document, f"{row.number}-{row.revision}.pdf")


@require_safe
def attachment(request: HttpRequest, desk: Desk, answer: int) -> HttpResponseBase:
    """The file of an answer, always as a download."""
    answers = Answer.objects.filter(item__in=desk.items, attachment__isnull=False).select_related("attachment")
    row = get_object_or_404(answers.filter(link=desk.by.pk) if desk.is_outside else answers, pk=answer)
    document = row.attachment
    if document is None:
        raise Http404
    return _download(request, document, document.title)


def _download(request: HttpRequest, document: FiledDocument, name: str) -> HttpResponseBase:
    response = serve(
        request, document.file.open("rb"), content_type="application/octet-stream", etag=document.sha256[:32]
    )
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return response


@require_POST
def drawings(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Upload a drawing, or a new revision of one; says what it opened again."""
    try:
        upload = _uploaded(request)
        drawing, opened = upload_drawing(
            by=desk.by,
            pack=desk.pack,
            number=request.POST.get("number", ""),
            revision=request.POST.get("revision", ""),
            upload=upload,
            name=upload.name or "",
        )
    except (CaseError, DocumentError, PdfError) as error:
        return _told(request, desk, str(error), ok=False)
    visited(request, desk, LinkVisit.Act.UPLOADED, about=str(drawing))
    return _told(request, desk, _outcome(drawing, opened), ok=True)


def _uploaded(request: HttpRequest) -> File[bytes]:
    """Raises DocumentError where no file arrived."""
    if dropped := oversized_uploads(request):
        raise DocumentError(_("图纸“%(name)s”太大，没有保存。请按图分开，或压缩后再传。") % {"name": dropped[0]})
    upload = request.FILES.get(DRAWING_FIELD)
    if not isinstance(upload, File):
        raise DocumentError(_("请选择图纸的 PDF 文件。"))
    return upload


def _outcome(drawing: Drawing, opened: int) -> str:
    if drawing.supersedes_id is None:
        return _("已上传 %(drawing)s。") % {"drawing": drawing}
    if drawing.changed_pages is None:
        changed = _("无法和上一版比较，全部页面按有改动处理")
    else:
        pages = enumeration(drawing.changed_pages) or _("无")
        changed = _("和上一版相比有改动的页：%(pages)s") % {"pages": pages}
    again = ngettext("%(n)d 条需要重新回答", "%(n)d 条需要重新回答", opened) % {"n": opened}
    return _("已上传 %(drawing)s。%(changed)s；%(again)s，其余答复沿用。") % {
        "drawing": drawing,
        "changed": changed,
        "again": again,
    }


@require_POST
def changed(request: HttpRequest, desk: Desk, drawing: int) -> HttpResponseBase:
    """Pages that a person knows to have changed."""
    row = get_object_or_404(desk.drawings.filter(supersedes__isnull=False), pk=drawing)
    pages = [whole_number(part) for part in request.POST.get("pages", "")[:200].replace("、", ",").split(",")]
    try:
        opened = mark_changed(by=desk.by, pack=desk.pack, drawing=row, pages=pages)
    except CaseError as error:
        return _told(request, desk, str(error), ok=False)
    return _told(request, desk, _outcome(row, opened), ok=True)


def _told(request: HttpRequest, desk: Desk, words: str, *, ok: bool) -> HttpResponseBase:
    if FRAGMENT in request.headers and not ok:
        return JsonResponse({"said": words}, status=422)
    (messages.success if ok else messages.error)(request, words)
    if FRAGMENT in request.headers:
        return JsonResponse({"said": words})
    return redirect(f"{desk.base}answer/")
