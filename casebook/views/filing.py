"""File a case from a phone, or go on with a draft. One handler serves pages with and without script."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from casebook import policies
from casebook.fields import TEXT_FIELDS
from casebook.forms import CaseForm
from casebook.models import CasePage
from casebook.services.errors import CaseError, NotComplete
from casebook.services.filing import CaseContent, PlacedPhoto, save_case, start_case
from casebook.services.submitting import find_gaps, submit_case
from casebook.similar import similar_to
from casebook.views.photos import PhotoRefused, placed_photos, store_upload
from casebook.vocabulary import State
from estates.access import reach_of
from estates.models import Estate, User
from estates.requests import person, whole_number
from vault.personal_data import find_personal_data

SUBMIT = "submit"
GAPS = "gaps"
UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY


@require_http_methods(["GET", "POST"])
def file_case(request: HttpRequest) -> HttpResponseBase:
    """A new case. The same client id sent twice is one case."""
    user = person(request)
    if not reach_of(user, policies.FILING_ROLES):
        raise PermissionDenied(_("只有客服编辑和客服经理可以新建案例。"))
    if request.method == "GET":
        return _form_page(request, CaseForm(user=user), None)
    client_id = _uuid(request.POST.get("client_id", ""))
    earlier = CasePage.objects.visible_to(user).filter(client_id=client_id, owner=user).first() if client_id else None
    return _receive(request, user, earlier, client_id or uuid4())


@require_http_methods(["GET", "POST"])
def edit_draft(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Go on with a case: a draft, a returned one, or the next version of a published one."""
    user = person(request)
    row = get_object_or_404(CasePage.objects.visible_to(user), slug=slug)
    if not policies.may_edit_case(user, row):
        raise PermissionDenied
    if request.method == "POST":
        return _receive(request, user, row, None)
    if row.workflow_in_progress:
        messages.info(request, _("案例正在审核，暂时不能修改。审核人退回后可以继续编辑。"))
        return redirect(row)
    draft: CasePage = row.get_latest_revision_as_object()
    initial = {
        "estate": row.estate_id,
        "unit_text": row.unit.written if row.unit else "",
        "record_date": row.record_date,
    }
    return _form_page(request, CaseForm(user=user, instance=draft, initial=initial), row)


def _receive(request: HttpRequest, user: User, row: CasePage | None, client_id: UUID | None) -> HttpResponseBase:
    if row and row.workflow_in_progress:
        return _done(request, row, _("案例已提交，编号 %(number)s。") % {"number": row.number})
    form = CaseForm(request.POST, user=user, instance=row.get_latest_revision_as_object() if row else None)
    if not form.is_valid():
        return _refused(request, form, row)
    try:
        content = CaseContent(form.content_fields(), _photos(request, user, row, form))
        if row is None:
            case = start_case(by=user, place=form.new_place(), content=content, client_id=client_id)
        else:
            case = save_case(case=row, by=user, content=content, place=form.place(), loaded_revision=_loaded(request))
    except PhotoRefused as error:
        form.add_error(None, str(error))
        return _refused(request, form, row, placed=error.placed)
    except CaseError as error:
        form.add_error(None, str(error))
        return _refused(request, form, row, status=HTTPStatus.CONFLICT)
    if request.POST.get("action") == SUBMIT:
        return _submit(request, user, case)
    return _done(request, case, _("草稿已保存。"))


def _photos(request: HttpRequest, user: User, row: CasePage | None, form: CaseForm) -> list[PlacedPhoto]:
    placed = placed_photos(user, row, request.POST.getlist("photo"))
    uploads = request.FILES.getlist("files")
    if not uploads:
        return placed
    place = row.place if row and row.number else form.new_place().for_files()
    refused = []
    for upload in uploads:
        try:
            placed.append(PlacedPhoto(store_upload(user, upload, place, uuid4())))
        except PhotoRefused as error:
            refused.append(str(error))
    if refused:
        raise PhotoRefused("；".join(refused), placed)
    return placed


def _submit(request: HttpRequest, user: User, draft: CasePage) -> HttpResponseBase:
    try:
        case = submit_case(case=draft, by=user)
    except NotComplete:
        return _incomplete(request, draft)
    except CaseError as error:
        return _incomplete(request, draft, str(error))
    return _done(request, case, _("已提交，编号 %(number)s。") % {"number": case.number})


def _done(request: HttpRequest, case: CasePage, text: str) -> HttpResponseBase:
    messages.success(request, text)
    address = case.get_absolute_url()
    if case.state in (State.DRAFT, State.RETURNED):
        address = reverse("casebook:edit", args=[case.slug])
    return _go(request, case, address)


def _incomplete(request: HttpRequest, case: CasePage, text: str = "") -> HttpResponseBase:
    """Saved, but not submitted: the server has it, so the device may forget it. Without a text, the page that follows
    lists what is missing, each with the way to its field."""
    if text:
        messages.warning(request, text)
    address = reverse("casebook:edit", args=[case.slug])
    return _go(request, case, address if text else f"{address}?{GAPS}=1")


def _go(request: HttpRequest, case: CasePage, address: str) -> HttpResponseBase:
    return JsonResponse({"address": address, "slug": case.slug}) if _by_script(request) else redirect(address)


def _refused(
    request: HttpRequest,
    form: CaseForm,
    row: CasePage | None,
    *,
    status: HTTPStatus = UNPROCESSABLE,
    placed: Sequence[PlacedPhoto] | None = None,
) -> HttpResponseBase:
    """Nothing that came is lost: the page has the texts and the photos as they were sent."""
    if _by_script(request):
        return JsonResponse({"errors": form.errors.get_json_data()}, status=status)
    if placed is None:
        placed = placed_photos(person(request), row, request.POST.getlist("photo"))
    return _form_page(request, form, row, status=status, placed=placed)


def _form_page(
    request: HttpRequest,
    form: CaseForm,
    row: CasePage | None,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    placed: Sequence[PlacedPhoto] | None = None,
) -> HttpResponse:
    user = person(request)
    draft: CasePage | None = row.get_latest_revision_as_object() if row else None
    context = {
        "form": form,
        "case": row,
        "draft": draft,
        "placed_photos": placed if placed is not None else list(draft.photos.all()) if draft else [],
        "findings": [(n, f) for n in TEXT_FIELDS for f in find_personal_data(getattr(draft, n))] if draft else [],
        "gaps": list(find_gaps(draft, user)) if draft and GAPS in request.GET else [],
        "objection": row.reviews.filter(status="rejected").order_by("-pk").first() if row else None,
        "estates": Estate.objects.fileable_by(user),
        "max_bytes": settings.PHOTO_MAX_BYTES,
        "client_id": uuid4(),
        "words": _script_words(),
    }
    return render(request, "casebook/file.html", context, status=status)


@require_POST
def similar_cases(request: HttpRequest) -> HttpResponse:
    """Earlier cases that the typed description resembles: a fragment of two lines each."""
    from_text = request.POST.get("description", "")
    return render(request, "casebook/similar.html", {"cases": similar_to(person(request), from_text)})


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def _loaded(request: HttpRequest) -> int | None:
    return whole_number(request.POST.get("loaded_revision")) or None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _script_words() -> dict[str, str]:
    """What the filing script says, in the language of the page."""
    return {
        "estate": _("楼盘名称、代码或拼音首字母"),
        "queued": _("待传"),
        "unkept": _("这台设备存不下，内容只在这个页面上：请不要关闭，尽快存草稿或提交"),
        "unusable": _("{photo} 请移除这张照片，或换一张，再提交。"),
        "retry": _("重试"),
        "remove": _("移除这张照片"),
        "tooBig": _("照片太大，请缩小后再传"),
        "notSent": _("没传上去"),
        "left": _("还有 {n} 张照片待传"),
        "choosePlace": _("{n} 张照片待传，请先选择楼盘"),
        "kept": _("已保存在本机"),
        "keptOffline": _("没有信号，已保存在本机"),
        "sending": _("正在发送…"),
        "later": _("没有信号，内容已保存在本机，有信号后自动发送"),
        "photosLeft": _("有照片没传上去，请重试或移除后再提交"),
        "signedOut": _("登录已过期。内容已保存在本机，请重新登录后回到这里"),
        "serverError": _("服务器出错了，内容已保存在本机，请稍后再试。"),
    }
