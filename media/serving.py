"""Bytes to a browser: private, revalidated on every use, in whole or by one range."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from django.core.files.base import File
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified, StreamingHttpResponse

CHUNK = 1 << 16
ONE_RANGE = re.compile(r"\Abytes=([0-9]*)-([0-9]*)\Z")


def serve(request: HttpRequest, file: File[bytes], *, content_type: str, etag: str) -> HttpResponseBase:
    """The file as a response. A single valid `Range` gives 206, an impossible one 416, any other is ignored."""
    quoted = f'"{etag}"'
    if quoted in request.headers.get("If-None-Match", ""):
        file.close()
        return _described(HttpResponseNotModified(), quoted)
    span = _span(request.headers.get("Range", ""), file.size)
    if span is None:
        file.close()
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{file.size}"
        return refused
    start, stop = span
    file.seek(start)  # a bucket is asked now: once the answer has begun nothing can be said any more
    response = StreamingHttpResponse(_chunks(file, start, stop), content_type=content_type)
    response["Content-Length"] = str(stop - start)
    if (start, stop) != (0, file.size):
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    return _described(response, quoted)


def _described(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Accept-Ranges"] = "bytes"
    response["Content-Disposition"] = "inline"
    return response


def _span(header: str, size: int) -> tuple[int, int] | None:
    match = ONE_RANGE.match(header)
    if not match or match.groups() == ("", ""):
        return 0, size
    first, last = (_bounded(part, size) for part in match.groups())
    if first is None:
        start, stop = size - (last or 0), size
    else:
        start, stop = first, size if last is None else min(last + 1, size)
    return (start, stop) if start < stop else None


def _bounded(digits: str, size: int) -> int | None:
    """The number, but never more than the size: whoever asks for more asks for the end."""
    if not digits:
        return None
    plain = digits.lstrip("0") or "0"
    return size if len(plain) > len(str(size)) else min(int(plain), size)


def _chunks(file: IO[bytes] | File[bytes], start: int, stop: int) -> Iterator[bytes]:
    with file:
        while start < stop and (chunk := file.read(min(CHUNK, stop - start))):
            start += len(chunk)
            yield chunk
