"""Forms that name a person are sent by script (`data-private`): a redirect is told in a header, for the script to
follow, so that the answer's page is asked for once and the browser keeps nothing of what was posted."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseBase

if TYPE_CHECKING:
    from django.http import HttpRequest

HEADER, GO = "X-Private-Form", "X-Go"


def answered(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The response as the sender of the form needs it; never kept by a cache."""
    response.headers.setdefault("Cache-Control", "private, no-store")
    if HEADER in request.headers and response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
        response.status_code = HTTPStatus.OK  # the page says what is wrong; the browser's console need not
    if HEADER not in request.headers or response.status_code != HTTPStatus.FOUND:
        return response
    told = HttpResponse(status=HTTPStatus.NO_CONTENT)
    told[GO] = response["Location"]
    told["Cache-Control"] = "private, no-store"
    if isinstance(response, HttpResponse):
        told.cookies = response.cookies
    return told
