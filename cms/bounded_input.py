"""What no database can hold is answered in words: numbers beyond 64 bits, texts with NUL or half characters."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import page_not_found

Handler = Callable[[HttpRequest], HttpResponse]
logger = logging.getLogger(__name__)

GREATEST_ID = 2**63 - 1
SAFE = ("GET", "HEAD", "OPTIONS")


class BoundedInputMiddleware:
    """A number in the path that no row can have is a page that is not there. What a query or a form brings and the
    database cannot take is refused, and the log has the trace."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Handler, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> None:
        if any(_is_impossible(value) for value in (*args, *kwargs.values())):
            raise Http404

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not _is_untakeable(exception):
            return None
        logger.error("untakeable input: %s %s", request.method, request.path, exc_info=exception)
        if request.method in SAFE:
            return page_not_found(request, exception)
        return render(request, "400.html", status=HTTPStatus.BAD_REQUEST)


def _is_impossible(value: object) -> bool:
    if isinstance(value, int):
        return abs(value) > GREATEST_ID
    return isinstance(value, str) and ("\0" in value or (value.isdecimal() and int_is_too_great(value)))


def int_is_too_great(digits: str) -> bool:
    """Compared as text: reading thousands of digits as a number is itself refused by Python."""
    plain, most = digits.lstrip("0"), str(GREATEST_ID)
    return len(plain) > len(most) or (len(plain) == len(most) and plain > most)


def _is_untakeable(exception: Exception) -> bool:
    """Overflow of a driver, DataError of PostgreSQL, half of a surrogate pair, NUL in a text."""
    if isinstance(exception, OverflowError | DataError | UnicodeEncodeError):
        return True
    return isinstance(exception, ValueError) and ("NUL" in str(exception) or "null character" in str(exception))
