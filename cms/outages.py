"""What is away is said with 503, words and when to come again; the page asks again by itself. Needs no database."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from http import HTTPStatus

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.template import loader
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.defaults import server_error as plain_error

from exchange.uploads import skip_files
from media.storage import StorageAway
from running.database_away import is_database_away
from running.full_disk import is_full_disk
from running.outages import Unavailable

Handler = Callable[[HttpRequest], HttpResponseBase]
NOT_KEPT = ("csrfmiddlewaretoken", "password")
logger = logging.getLogger(__name__)


class DatabaseAway(Unavailable):
    """The database is restarting, or a writer held its lock longer than we wait."""

    retry_after = 5

    def __str__(self) -> str:
        return _("数据库暂时没有应答，这次没有保存。请过几秒再试。")


class DiskFull(Unavailable):
    """A disk takes nothing more: reading goes on, nothing is saved."""

    retry_after = 60
    status = HTTPStatus.INSUFFICIENT_STORAGE

    def __str__(self) -> str:
        return _(
            "服务器的磁盘已满，这次没有保存。请告诉系统管理员清理磁盘；查阅和检索照常，需要登记的查阅要等磁盘有空。"
        )


def outage_of(error: BaseException | None) -> Unavailable | None:
    """The outage behind an error; None where the error is ours."""
    if isinstance(error, Unavailable):
        return error
    if is_full_disk(error):
        return DiskFull()
    if isinstance(error, (BotoCoreError, Boto3Error)):
        return StorageAway()
    if is_database_away(error):
        return DatabaseAway()
    return None


def told(request: HttpRequest, outage: Unavailable, *, trace: Exception | None = None) -> HttpResponseBase:
    logger.error("%s %s: %s", request.method, request.path, type(outage).__name__, exc_info=trace)
    response: HttpResponse
    if "application/json" in request.headers.get("Accept", ""):
        response = JsonResponse({"error": str(outage)}, status=outage.status)
    else:
        response = HttpResponse(
            loader.render_to_string("cms/outage.html", _page(request, outage)), status=outage.status
        )
    response["Retry-After"] = str(outage.retry_after)
    add_never_cache_headers(response)
    return response


def typed_in(request: HttpRequest) -> dict[str, object]:
    """What a page needs to show what was typed, to be sent again (`cms/typed.html`); without passwords and files.
    Files that nobody has read yet are left out while they arrive: they may be what must never lie in clear."""
    skipping = skip_files(request)
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if isinstance(value, str) and not any(word in name for word in NOT_KEPT)
    ]
    return {
        "typed": typed,
        "had_files": bool(request.FILES) or (skipping is not None and skipping.skipped),
        "path": request.get_full_path(),
        "token": get_token(request) if typed else "",
    }


def _page(request: HttpRequest, outage: Unavailable) -> dict[str, object]:
    again = request.method in ("GET", "HEAD")
    return typed_in(request) | {"told": str(outage), "seconds": outage.retry_after, "again": again}


class OutageMiddleware:
    """Answers for views; what breaks in other middleware comes to `server_error`."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        outage = outage_of(error)
        return told(request, outage, trace=error) if outage else None


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Django has written the trace into the log."""
    outage = outage_of(sys.exc_info()[1])
    return told(request, outage) if outage else plain_error(request)
