"""Milestones and club activities: what the magazine pulls in, and what owners are told."""

from __future__ import annotations

from collections.abc import Callable
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
    form = MilestoneForm(request.POST if request.method == "POST" else None, user=user, instance=row)
    return _answered(request, form, row, lambda: keep_milestone(milestone=form.save(commit=False), by=user))


@require_http_methods(["GET", "HEAD", "POST"])
def activity(request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
    user = _keeper(request)
    row = get_object_or_404(Activity.objects.visible_to(user), pk=pk) if pk else None
    form = ActivityForm(request.POST if request.method == "POST" else None, user=user, instance=row)

    def keep() -> Activity:
        photos = list(form.cleaned_data["photos"])
        return keep_activity(activity=form.save(commit=False), photos=photos, by=user)

    return _answered(request, form, row, keep)


def _keeper(request: HttpRequest) -> User:
    user = person(request)
    if not policies.may_keep_any(user):
        raise PermissionDenied(_("工程节点和活动由客服登记。"))
    return user


def _answered(
    request: HttpRequest,
    form: MilestoneForm | ActivityForm,
    row: Milestone | Activity | None,
    keep: Callable[[], object],
) -> HttpResponseBase:
    """The form, or what was done with it: kept, or the record deleted."""
    if row and not policies.may_keep(person(request), row.estate):
        raise PermissionDenied
    if request.method == "POST" and row and "delete" in request.POST:
        take_back(record=row, by=person(request))
        messages.success(request, _("已删除。会刊里已经写进去的不变。"))
        return redirect("service:records")
    if request.method == "POST" and form.is_valid():
        keep()
        messages.success(request, _("已保存。"))
        return redirect("service:records")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"form": form, "row": row, "title": form._meta.model._meta.verbose_name}
    return render(request, "service/record.html", context, status=status)
