"""New projects, and the review packs that are prepared for their stages."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casebook import policies
from casebook.models import CasePage, PackItem, Project, ReviewPack
from casebook.project_forms import PackForm, ProjectForm
from casebook.reasons import reason_words
from casebook.services.errors import CaseError
from casebook.services.packing import add_case, build_pack, discard_pack, drop_item, hand_over, move_item, start_project
from casebook.vocabulary import Component, Library, PackState, ProductType, ReviewStage, listed
from estates.access import reach_of
from estates.models import User
from estates.requests import person, whole_number
from estates.roles import Role

LISTED = 100


@require_safe
def projects(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if not reach_of(user, policies.PROJECT_READERS):
        raise PermissionDenied(_("新项目对客服、设计、工程和领导开放。"))
    rows = Project.objects.visible_to(user).select_related("estate")
    packs = ReviewPack.objects.visible_to(user).select_related("stage")
    context = {"projects": rows, "packs": packs, "may_prepare": bool(reach_of(user, {Role.MANAGER}))}
    return render(request, "casebook/projects.html", context)


@require_http_methods(["GET", "POST"])
def new_project(request: HttpRequest) -> HttpResponseBase:
    user = person(request)
    if not reach_of(user, {Role.MANAGER}):
        raise PermissionDenied(_("新项目由客服经理建立。"))
    form = ProjectForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        demanding = [ReviewStage(kind) for kind in form.cleaned_data["demanding"]]
        try:
            project = start_project(by=user, project=form.project(), demanding=demanding)
        except ValidationError as error:
            form.add_error(None, error.messages[0])
        else:
            messages.success(request, _("已建立，可以为各阶段准备审查包。"))
            return redirect(project)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "casebook/new_project.html", _asked(form), status=status)


def _asked(form: ProjectForm) -> dict[str, object]:
    return {"form": form, "choices": [form[name] for name in ("product_types", "components", "demanding")]}


@require_safe
def project_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    project = get_object_or_404(Project.objects.visible_to(user).select_related("estate"), pk=pk)
    packs = ReviewPack.objects.visible_to(user).filter(stage__project=project)
    stages = [(stage, [p for p in packs if p.stage_id == stage.pk]) for stage in project.stages.all()]
    context = {
        "project": project,
        "facts": _facts(project),
        "stages": stages,
        "may_prepare": policies.may_manage_on(user, project.estate),
        "form": PackForm(auto_id=False),
    }
    return render(request, "casebook/project.html", context)


def _facts(project: Project) -> list[tuple[str, str]]:
    """The project's lists in words, by label."""
    return [
        (_("产品类型"), listed(ProductType, project.product_types)),
        (_("包含的部位"), listed(Component, project.components)),
    ]


@require_POST
def new_pack(request: HttpRequest, pk: int) -> HttpResponseBase:
    user = person(request)
    project = get_object_or_404(Project.objects.visible_to(user), pk=pk)
    stage = get_object_or_404(project.stages, pk=whole_number(request.POST.get("stage")))
    form = PackForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("最多条数请填 1 到 200 的整数。"))
        return redirect(project)
    try:
        pack = build_pack(
            by=user, stage=stage, library=Library(form.cleaned_data["library"]), cap=form.cleaned_data["cap"]
        )
    except CaseError as error:
        messages.error(request, str(error))
        return redirect(project)
    return redirect(pack)


@require_http_methods(["GET", "POST"])
def pack_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What the pack holds and why, and what it leaves out; as long as it is prepared, the manager changes it."""
    user = person(request)
    packs = ReviewPack.objects.visible_to(user).select_related("stage__project__estate", "built_by")
    pack = get_object_or_404(packs, pk=pk)
    if request.method == "POST":
        return _change(request, user, pack)
    items = PackItem.objects.visible_to(user).filter(pack=pack).select_related("case")
    may_change = policies.may_manage_on(user, pack.stage.project.estate) and pack.state == PackState.PREPARED
    readable = CasePage.objects.visible_to(user)
    left_out = pack.left_out.filter(case__in=readable).select_related("case", "dropped_by")
    context = {
        "pack": pack,
        "items": [(item, reason_words(item.reasons)) for item in items],
        "readable": set(readable.filter(pk__in=[item.case_id for item in items]).values_list("pk", flat=True)),
        "left_out": left_out[:LISTED],
        "left_out_count": left_out.count(),
        "listed": LISTED,
        "may_change": may_change,
    }
    return render(request, "casebook/pack.html", context)


def _change(request: HttpRequest, user: User, pack: ReviewPack) -> HttpResponseBase:
    acts: dict[str, Callable[[], object]] = {
        "drop": lambda: drop_item(by=user, item=_item(request, user, pack), reason=request.POST.get("reason", "")),
        "up": lambda: _step(request, user, pack, -1),
        "down": lambda: _step(request, user, pack, +1),
        "add": lambda: add_case(by=user, pack=pack, case=_case(request, user)),
        "hand_over": lambda: hand_over(by=user, pack=pack),
        "discard": lambda: discard_pack(by=user, pack=pack),
    }
    act = acts.get(request.POST.get("action", ""))
    if act is None:
        raise Http404
    try:
        act()
    except CaseError as error:
        messages.error(request, str(error))
    else:
        if request.POST["action"] == "hand_over":
            messages.success(request, _("已交出，内容不再改动；对应部门现在可以看到。"))
        if request.POST["action"] == "discard":
            messages.success(request, _("已删除准备中的审查包。"))
            return redirect(pack.stage.project)
    anchor = f"#item-{request.POST.get('item')}" if request.POST["action"] in ("up", "down") else ""
    return redirect(f"{pack.get_absolute_url()}{anchor}")


def _item(request: HttpRequest, user: User, pack: ReviewPack) -> PackItem:
    items = PackItem.objects.visible_to(user).filter(pack=pack)
    return get_object_or_404(items, pk=whole_number(request.POST.get("item")))


def _step(request: HttpRequest, user: User, pack: ReviewPack, by: int) -> None:
    item = _item(request, user, pack)
    move_item(by=user, item=item, to=item.position + by)


def _case(request: HttpRequest, user: User) -> CasePage:
    """By its number, as a person types it. Raises CaseError where there is none that the person may see."""
    number = request.POST.get("number", "").strip().upper()
    case = CasePage.objects.visible_to(user).filter(number=number).first() if number else None
    if case is None:
        raise CaseError(_("没有找到编号“%(number)s”的案例，请核对。") % {"number": number[:40]})
    return case
