from __future__ import annotations

from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from media.models import Photo, PhotoRendition
from media.records import may_see_file
from media.serving import serve


@require_safe
def stored_file(request: HttpRequest, path: str) -> HttpResponseBase:
    """The one way to stored files. An original's address shows its served copy; whoever may not see it gets 404."""
    photo, shown = _find(path)
    if not may_see_file(request.user, photo):
        raise Http404
    try:
        opened = shown.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    etag = f"{photo.sha256[:32]}-{len(path)}-{shown.size}"
    return serve(request, opened, content_type="image/jpeg", etag=etag)


def _find(path: str) -> tuple[Photo, FieldFile]:
    rendition = PhotoRendition.objects.select_related("image").filter(file=path).first()
    if rendition:
        return rendition.image, rendition.file
    photo = Photo.objects.filter(file=path).first() or Photo.objects.filter(copy=path).first()
    if photo is None:
        raise Http404
    return photo, photo.copy
