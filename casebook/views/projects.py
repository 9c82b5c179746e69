"""New projects: their stages, what was reviewed, what drawings have caused so far."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casebook import policies
from casebook.models import Project, ProjectStage, ReviewPack
from casebook.project_forms import PackForm, ProjectForm
from casebook.services.errors import CaseError
from casebook.services.packing import build_pack, change_project, start_project
from casebook.services.signing import close_stage
from casebook.vocabulary import Component, Library, ProductType, ReviewStage, listed
from estates.access import reach_of
from estates.requests import person, whole_number
from estates.roles import Role


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


@require_http_methods(["GET", "POST"])
def edit_project(request: HttpRequest, pk: int) -> HttpResponseBase:
    user = person(request)
    project = get_object_or_404(Project.objects.visible_to(user).select_related("estate"), pk=pk)
    if not policies.may_manage_on(user, project.estate):
        raise PermissionDenied(_("新项目由客服经理修改。"))
    form = ProjectForm(request.POST if request.method == "POST" else None, user=user, project=project)
    if request.method == "POST" and form.is_valid():
        demanding = [ReviewStage(kind) for kind in form.cleaned_data["demanding"]]
        try:
            change_project(by=user, project=project, fields=form.cleaned_data, demanding=demanding)
        except ValidationError as error:
            form.add_error(None, error.messages[0])
        else:
            messages.success(request, _("已保存。已交出的审查包不变，之后建的按新的情况。"))
            return redirect(project)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "casebook/new_project.html", {**_asked(form), "project": project}, status=status)


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


@require_POST
def end_stage(request: HttpRequest, pk: int) -> HttpResponseBase:
    user = person(request)
    project = get_object_or_404(Project.objects.visible_to(user), pk=pk)
    stage = get_object_or_404(project.stages, pk=whole_number(request.POST.get("stage")))
    try:
        closed: ProjectStage = close_stage(by=user, stage=stage)
        messages.success(request, _("%(stage)s已结束。") % {"stage": closed.get_kind_display()})
    except CaseError as error:
        messages.error(request, str(error))
    return redirect(project)
