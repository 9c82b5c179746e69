"""Photos for everybody, chosen and blurred by the people who write for the public."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from estates.access import reach_of
from estates.models import User
from estates.requests import person
from estates.roles import Role
from exchange.uploads import oversized_uploads
from media.inspection import PhotoError
from media.models import Photo, PublicPhoto
from media.public_photos import Box, UnfitForPublic, blur_again, open_base, publish_photo, publish_upload
from media.records import may_see_file

SHOWN = 60


def _judge(request: HttpRequest) -> User:
    user = person(request)
    if not reach_of(user, {Role.EDITOR, Role.MANAGER}):
        raise PermissionDenied(_("公开照片由客服编辑和客服经理处理。"))
    return user


@require_http_methods(["GET", "HEAD", "POST"])
def public_photos(request: HttpRequest) -> HttpResponseBase:
    """All public photos; a POST adds one from a file, which is then looked at for what to blur."""
    user = _judge(request)
    problem = ""
    if request.method == "POST":
        try:
            made = publish_upload(
                upload=_uploaded(request),
                title=request.POST.get("title", ""),
                alternative=request.POST.get("alternative", ""),
                boxes=[],
                by=user,
            )
        except (PhotoError, UnfitForPublic) as error:
            problem = str(error)
        else:
            return redirect("blur-photo", made.pk)
    context = {"photos": PublicPhoto.objects.all()[:SHOWN], "problem": problem, "typed": request.POST}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "media/public_photos.html", context, status=status)


def _uploaded(request: HttpRequest) -> File[bytes]:
    if oversized_uploads(request):
        raise PhotoError(_("照片太大。请缩小后再传。"))
    file = request.FILES.get("photo")
    if file is None:
        raise PhotoError(_("请选择一张照片。"))
    return file


@require_http_methods(["GET", "HEAD", "POST"])
def publish_record_photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A photo of a record that the person may see: blurred, it becomes a public one."""
    user = _judge(request)
    photo = get_object_or_404(Photo, pk=pk)
    if not may_see_file(user, photo):
        raise Http404
    shown = photo.sized("page").url
    problem = ""
    if request.method == "POST":
        try:
            alternative, boxes = _decided(request)
            title = request.POST.get("title", "")
            publish_photo(photo=photo, title=title, alternative=alternative, boxes=boxes, by=user)
        except UnfitForPublic as error:
            problem = str(error)
        else:
            messages.success(request, _("已公开。原照片不变。"))
            return redirect(_next(request))
    return _blur_page(request, _Blurring(shown, is_new=True), problem)


@require_http_methods(["GET", "HEAD", "POST"])
def blur_photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Other boxes for a public photo; its old addresses end."""
    _judge(request)
    public = get_object_or_404(PublicPhoto, pk=pk)
    problem = ""
    if request.method == "POST":
        try:
            alternative, boxes = _decided(request)
            blur_again(public=public, alternative=alternative, boxes=boxes)
        except UnfitForPublic as error:
            problem = str(error)
        else:
            messages.success(request, _("已保存。"))
            return redirect(_next(request))
    shown = f"{request.path}base/"
    return _blur_page(request, _Blurring(shown, public.blurred, public.alternative), problem)


@require_safe
@never_cache
def base_of_photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The photo before blurring, for those who decide."""
    _judge(request)
    try:
        return FileResponse(open_base(get_object_or_404(PublicPhoto, pk=pk)), content_type="image/jpeg")
    except (UnfitForPublic, FileNotFoundError) as error:
        raise Http404 from error


def _decided(request: HttpRequest) -> tuple[str, list[Box]]:
    """Words and boxes of the form. Raises UnfitForPublic."""
    return request.POST.get("alternative", ""), _boxes(request.POST.get("boxes", "[]"))


def _boxes(told: str) -> list[Box]:
    try:
        read = json.loads(told)
        return [(float(a), float(b), float(c), float(d)) for a, b, c, d in read]
    except (ValueError, TypeError) as error:
        raise UnfitForPublic(_("模糊区域没有读懂，请重新框选。")) from error


def _next(request: HttpRequest) -> str:
    asked = request.GET.get("next", "")
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else "public-photos"


@dataclass(frozen=True, slots=True)
class _Blurring:
    """What the page of boxes shows: the photo's address, the boxes and words so far; a new one is given a title."""

    shown: str
    boxes: list[Box] = field(default_factory=list)
    alternative: str = ""
    is_new: bool = False


def _blur_page(request: HttpRequest, asked: _Blurring, problem: str) -> HttpResponse:
    context = {
        "shown": asked.shown,
        "problem": problem,
        "boxes": request.POST.get("boxes") or json.dumps(asked.boxes),
        "alternative": request.POST.get("alternative", asked.alternative),
        "title": request.POST.get("title", ""),
        "with_title": asked.is_new,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "media/blur.html", context, status=status)
