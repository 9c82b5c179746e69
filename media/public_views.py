"""Photos for everybody: uploaded, judged, changed, taken back by the people who write for the public."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from estates.access import reach_of
from estates.models import Estate, User
from estates.requests import person, whole_number
from exchange.uploads import oversized_uploads
from media.blurring import Box, UnfitForPublic, blurred, boxes_of
from media.inspection import PhotoError
from media.judges import JUDGES, may_judge, may_make_public
from media.models import PUBLIC_SIZES, Photo, PublicPhoto
from media.public_photos import base_of, decide_blur, judge_photo, publish_photo, upload_photo, withdraw_photo

SHOWN = 60


def _judge(request: HttpRequest) -> User:
    user = person(request)
    if not reach_of(user, JUDGES):
        raise PermissionDenied(_("公开照片由客服编辑和客服经理处理。"))
    return user


def _own(request: HttpRequest, pk: int) -> tuple[User, PublicPhoto]:
    """A photo that the person may judge; any other is not there."""
    user = _judge(request)
    public = get_object_or_404(PublicPhoto.objects.select_related("source"), pk=pk)
    if not may_judge(user, public):
        raise Http404
    return user, public


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def public_photos(request: HttpRequest) -> HttpResponseBase:
    """What waits to be judged, and all public photos; a POST adds one from a file, which is then judged."""
    user = _judge(request)
    problem = ""
    if request.method == "POST":
        try:
            made = upload_photo(
                upload=_uploaded(request),
                title=request.POST.get("title", ""),
                alternative=request.POST.get("alternative", ""),
                estate=_estate(request, user),
                by=user,
            )
        except (PhotoError, UnfitForPublic) as error:
            problem = str(error)
        else:
            return redirect("blur-photo", made.pk)
    context = _listed(request, user) | {"problem": problem, "typed": request.POST}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "media/public_photos.html", context, status=status)


def _listed(request: HttpRequest, user: User) -> dict[str, object]:
    hidden = PublicPhoto.objects.filter(~Q(state=PublicPhoto.State.PUBLIC) | Q(proposed__isnull=False))
    own = [one for one in hidden.select_related("source", "proposed_by") if may_judge(user, one)]
    served = Paginator(PublicPhoto.objects.served().select_related("source"), SHOWN)
    photos = served.get_page(request.GET.get("page"))
    withdrawn = [one for one in own if one.state == PublicPhoto.State.WITHDRAWN and one.proposed is None]
    return {
        "waiting": [one for one in own if one not in withdrawn],
        "withdrawn": withdrawn,
        "photos": photos,
        "judged_here": {one.pk for one in photos if may_judge(user, one)},
        "estates": Estate.objects.fileable_by(user),
        "may_company": reach_of(user, JUDGES).everywhere,
    }


def _estate(request: HttpRequest, user: User) -> Estate | None:
    """The estate that an upload is filed for. Raises UnfitForPublic where the person has to say which."""
    own = Estate.objects.fileable_by(user)
    chosen = own.filter(pk=whole_number(request.POST.get("estate"))).first()
    if chosen is None and not reach_of(user, JUDGES).everywhere and own.count() != 1:
        raise UnfitForPublic(_("请选择照片是哪个楼盘的。"))
    return chosen


def _uploaded(request: HttpRequest) -> File[bytes]:
    if oversized_uploads(request):
        raise PhotoError(_("照片太大。请缩小后再传。"))
    file = request.FILES.get("photo")
    if file is None:
        raise PhotoError(_("请选择一张照片。"))
    return file


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def publish_record_photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A photo of a record that the person may see: judged, it becomes a public one."""
    user = _judge(request)
    photo = get_object_or_404(Photo, pk=pk)
    if not may_make_public(user, photo):
        raise Http404
    shown = photo.sized("page").url
    problem = ""
    if request.method == "POST":
        try:
            alternative, boxes = _decided(request)
            title = request.POST.get("title", "")
            made = publish_photo(photo=photo, title=title, alternative=alternative, boxes=boxes, by=user)
        except UnfitForPublic as error:
            problem = str(error)
        else:
            messages.success(request, _("已公开。原照片不变。") if made.is_served else _waits())
            return redirect(_next(request))
    return _blur_page(request, _Blurring(shown, is_new=True), problem)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def blur_photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The first judgement of a photo, or other boxes for it, on which a second person decides."""
    user, public = _own(request, pk)
    problem = ""
    if request.method == "POST":
        try:
            alternative, boxes = _decided(request)
            public = judge_photo(public=public, alternative=alternative, boxes=boxes, by=user)
        except UnfitForPublic as error:
            problem = str(error)
        else:
            messages.success(request, _waits() if public.proposed is not None else _("已公开。"))
            return redirect(_next(request))
    boxes_now = public.blurred if public.proposed is None else public.proposed
    asked = _Blurring(f"{request.path}base/", boxes_of(boxes_now), public.alternative, public=public)
    return _blur_page(request, asked, problem)


def _waits() -> str:
    return _("已提交，要另一位同事看过才公开。")


@require_POST
def decide_photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A second person says yes or no to the boxes that he saw."""
    user, public = _own(request, pk)
    try:
        seen = parse_datetime(request.POST.get("seen", ""))
        decided = decide_blur(public=public, seen=seen, approve="approve" in request.POST, by=user)
    except (UnfitForPublic, ValueError) as error:
        told = str(error) if isinstance(error, UnfitForPublic) else _("没有读懂，请重新打开这一页。")
        messages.error(request, told)
        return redirect("blur-photo", pk)
    messages.success(request, _decided_words(decided, approved="approve" in request.POST))
    return redirect("public-photos")


def _decided_words(public: PublicPhoto, *, approved: bool) -> str:
    if approved:
        return _("已公开。")
    if public.is_served:
        return _("已退回，模糊区域不变。")
    return _("已退回。照片现在没有公开；要再公开，请重新框选，再由另一位同事同意。")


@require_POST
def take_photo_back(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The photo is withdrawn: its addresses end at once."""
    user, public = _own(request, pk)
    withdraw_photo(public=public, by=user)
    messages.success(request, _("已撤下。照片的网址立即失效；用到它的页面不再显示它。"))
    return redirect("public-photos")


@require_safe
@never_cache
def base_of_photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The photo before blurring, for those who decide; `?small` for a list."""
    return _private_jpeg(_own(request, pk)[1], [], "small" if "small" in request.GET else "")


@require_safe
@never_cache
def proposed_photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The photo as it would be with the boxes that wait for a decision."""
    _user, public = _own(request, pk)
    if public.proposed is None:
        raise Http404
    return _private_jpeg(public, boxes_of(public.proposed), "large")


def _private_jpeg(public: PublicPhoto, boxes: list[Box], size: str) -> HttpResponse:
    try:
        base = base_of(public)
    except (UnfitForPublic, FileNotFoundError) as error:
        raise Http404 from error
    shown = blurred(base, boxes, PUBLIC_SIZES[size]) if size else base
    return HttpResponse(shown, content_type="image/jpeg", headers={"X-Content-Type-Options": "nosniff"})


def _decided(request: HttpRequest) -> tuple[str, list[Box]]:
    """Words and boxes of the form. Raises UnfitForPublic; also where nobody said that there is nothing to blur."""
    boxes = _boxes(request.POST.get("boxes", "[]"))
    if not boxes and "nothing" not in request.POST:
        raise UnfitForPublic(_("请框出不能给人看的地方；确实没有的，请勾选“没有要模糊的”。"))
    return request.POST.get("alternative", ""), boxes


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
    public: PublicPhoto | None = None


def _blur_page(request: HttpRequest, asked: _Blurring, problem: str) -> HttpResponse:
    context = {
        "shown": asked.shown,
        "problem": problem,
        "boxes": request.POST.get("boxes") or json.dumps(asked.boxes),
        "alternative": request.POST.get("alternative", asked.alternative),
        "title": request.POST.get("title", ""),
        "with_title": asked.is_new,
        "nothing": "nothing" in request.POST,
        "public": asked.public,
        "may_decide": bool(
            asked.public and asked.public.proposed is not None and asked.public.proposed_by_id != person(request).pk
        ),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "media/blur.html", context, status=status)
