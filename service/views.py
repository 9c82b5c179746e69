"""Milestones and club activities: what the magazine pulls in, and what owners are told."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from estates.models import User
from estates.requests import person
from service import policies
from service.forms import ActivityForm, MilestoneForm
from service.models import Activity, Milestone
from service.services.recording import keep_activity, keep_milestone, take_back

SHOWN = 60


@require_safe
def records(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if not policies.visible_to_any(user):
        raise PermissionDenied(_("工程节点和活动对客服、物业和领导开放。"))
    context = {
        "milestones": Milestone.objects.visible_to(user).select_related("estate", "photo")[:SHOWN],
        "activities": Activity.objects.visible_to(user).select_related("estate").prefetch_related("photos")[:SHOWN],
        "may_keep": policies.may_keep_any(user),
    }
    return render(request, "service/records.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def milestone(request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
    user = _keeper(request)
    row = get_object_or_404(Milestone.objects.visible_to(user), pk=pk) if pk else None
    if row and not policies.may_keep(user, row.estate):
        raise PermissionDenied
    form = MilestoneForm(request.POST if request.method == "POST" else None, user=user, instance=row)
    if request.method == "POST" and row and "delete" in request.POST:
        return _deleted(request, row)
    if request.method == "POST" and form.is_valid():
        keep_milestone(milestone=form.save(commit=False), by=user)
        messages.success(request, _("已保存。"))
        return redirect("service:records")
    return _asked(request, form, row, _("工程节点"))


@require_http_methods(["GET", "HEAD", "POST"])
def activity(request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
    user = _keeper(request)
    row = get_object_or_404(Activity.objects.visible_to(user), pk=pk) if pk else None
    if row and not policies.may_keep(user, row.estate):
        raise PermissionDenied
    form = ActivityForm(request.POST if request.method == "POST" else None, user=user, instance=row)
    if request.method == "POST" and row and "delete" in request.POST:
        return _deleted(request, row)
    if request.method == "POST" and form.is_valid():
        keep_activity(activity=form.save(commit=False), photos=list(form.cleaned_data["photos"]), by=user)
        messages.success(request, _("已保存。"))
        return redirect("service:records")
    return _asked(request, form, row, _("会员活动"))


def _keeper(request: HttpRequest) -> User:
    user = person(request)
    if not policies.may_keep_any(user):
        raise PermissionDenied(_("工程节点和活动由客服登记。"))
    return user


def _deleted(request: HttpRequest, row: Milestone | Activity) -> HttpResponseBase:
    take_back(record=row, by=person(request))
    messages.success(request, _("已删除。会刊里已经写进去的不变。"))
    return redirect("service:records")


def _asked(
    request: HttpRequest, form: MilestoneForm | ActivityForm, row: Milestone | Activity | None, title: str
) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "service/record.html", {"form": form, "row": row, "title": title}, status=status)
