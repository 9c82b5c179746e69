"""An upload over the limit is dropped while it arrives: neither memory nor disk ever holds it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, MemoryFileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect

OVERSIZED = "anjuan_oversized_uploads"


DRAWING_FIELD = "drawing"
"""The form field whose file may be as large as DRAWING_MAX_BYTES."""


class BoundedUploadHandler(FileUploadHandler):
    """A file is at most as large as its kind may be; the files of one request together, as large as two of the larger
    kind that it brings."""

    total = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        limit = settings.DRAWING_MAX_BYTES if self.field_name == DRAWING_FIELD else settings.PHOTO_MAX_BYTES
        if start + len(raw_data) > limit or self.total + len(raw_data) > 2 * limit:
            if self.request is not None:
                self.request.META.setdefault(OVERSIZED, []).append(self.file_name or "")
            raise SkipFile
        self.total += len(raw_data)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Another handler keeps the file."""


def oversized_uploads(request: HttpRequest) -> list[str]:
    """Names of the files of this request that were over their limit and therefore dropped."""
    request.FILES  # noqa: B018  reading the files is what runs the handlers
    return list(request.META.get(OVERSIZED, []))


class InMemoryUploadHandler(MemoryFileUploadHandler):
    """Keeps an upload of any allowed size in memory: what will be encrypted must not lie in a temporary file first."""

    def handle_raw_input(
        self,
        input_data: object,
        META: object,  # noqa: N803  Django's name
        content_length: int,
        boundary: object,
        encoding: str | None = None,
    ) -> None:
        self.activated = True


class SkippingUploadHandler(FileUploadHandler):
    """Keeps no byte of any file, nowhere; `skipped` tells whether there was one."""

    skipped = False

    def new_file(self, *args: object, **named: object) -> None:
        self.skipped = True
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Never called: the file was skipped."""

    def file_complete(self, file_size: int) -> None:
        """There is no file."""


def skip_files(request: HttpRequest) -> SkippingUploadHandler | None:
    """The handler that skips them; None where the request was read before."""
    if hasattr(request, "_files"):
        return None
    handler = SkippingUploadHandler(request)
    request.upload_handlers = [handler]
    return handler


def in_memory_handlers(request: HttpRequest) -> list[FileUploadHandler]:
    return [BoundedUploadHandler(request), InMemoryUploadHandler(request)]


View = Callable[..., HttpResponseBase]


def uploads_in_memory(may_send: Callable[..., object]) -> Callable[[View], View]:
    """For a view that takes in what will be sealed. The handlers must stand before anything reads the request, the
    check of the form's token included: so that is done behind them.

    `may_send(request, **named)` is asked before a byte of the body is read: it raises Http404 or PermissionDenied.
    """

    def decorate(view: View) -> View:
        checked = csrf_protect(view)

        @csrf_exempt
        @wraps(view)
        def entered(request: HttpRequest, *args: object, **named: object) -> HttpResponseBase:
            if request.method == "POST":
                may_send(request, *args, **named)
            request.upload_handlers = in_memory_handlers(request)
            return checked(request, *args, **named)

        return entered

    return decorate
