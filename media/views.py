from __future__ import annotations

from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
)
from django.views.decorators.http import require_safe

from media.inspection import EXTENSIONS
from media.models import ADMIN_SIZE, PUBLIC_SIZES, SIZES, Photo, PublicPhoto, original_of_rendition
from media.public_photos import open_size
from media.records import may_see_file
from media.serving import serve


@require_safe
def stored_file(request: HttpRequest, path: str) -> HttpResponseBase:
    """The one way to stored files. An original's address shows its served copy; whoever may not see it gets 404.

    A rendition that is not there yet is made, once its photo may be seen.
    """
    photo, spec = _find(path)
    if not may_see_file(request.user, photo):
        raise Http404
    try:
        shown = photo.get_rendition(spec).file if spec else photo.copy
        opened = shown.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    etag = f"{photo.sha256[:32]}-{len(path)}-{shown.size}"
    return serve(request, opened, content_type="image/jpeg", etag=etag)


def _find(path: str) -> tuple[Photo, str]:
    """The photo that the path belongs to, and the rendition's spec; no spec stands for the served copy."""
    original, spec = original_of_rendition(path)
    if spec in (*SIZES.values(), ADMIN_SIZE):
        named = Q(file__in=[f"{original}.{extension}" for extension in EXTENSIONS.values()])
    else:
        named, spec = Q(file=path) | Q(copy=path), ""
    photo = Photo.objects.filter(named).first()
    if photo is None:
        raise Http404
    return photo, spec


@login_not_required
@require_safe
def public_photo(request: HttpRequest, key: str, revision: int, size: str) -> HttpResponseBase:
    """A photo that was judged fit for the public, as it was blurred; whoever has the address may see it. Caches ask
    again after a minute: a withdrawn photo is gone, and they keep nothing of that answer."""
    photo = PublicPhoto.objects.filter(key=key).first()
    if photo is None or size not in PUBLIC_SIZES:
        return _not_there(HTTPStatus.NOT_FOUND)
    if not photo.is_served:
        return _not_there(HTTPStatus.GONE)
    if photo.revision != revision:
        return _not_there(HTTPStatus.NOT_FOUND)
    etag = f'"{key}-{revision}-{size}"'
    if request.headers.get("If-None-Match", "") == etag:
        return _for_a_minute(HttpResponseNotModified(), etag)
    try:
        return _for_a_minute(FileResponse(open_size(photo, size), content_type="image/jpeg"), etag)
    except FileNotFoundError:
        return _not_there(HTTPStatus.NOT_FOUND)


def _not_there(status: HTTPStatus) -> HttpResponse:
    response = HttpResponse(status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def _for_a_minute(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=60, must-revalidate"
    return response
