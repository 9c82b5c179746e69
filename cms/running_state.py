"""Which processes run and how the periodic acts stand, for administrators."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from estates.requests import person
from running.acts import Act, acts
from running.heartbeats import alive
from running.models import PeriodicAct


@dataclass(frozen=True, slots=True)
class ActState:
    """An act, how it stands (None before the first tick), and why it cannot be done here (mostly empty)."""

    act: Act
    row: PeriodicAct | None
    lack: str


def act_states() -> list[ActState]:
    rows = PeriodicAct.objects.in_bulk()
    return [ActState(act, rows.get(act.name), act.lack()) for act in acts()]


@require_safe
@never_cache
def running_state(request: HttpRequest) -> HttpResponse:
    if not person(request).is_superuser:
        raise PermissionDenied(_("运行状态由系统管理员查看。"))
    context = {"processes": alive().items(), "acts": act_states()}
    return render(request, "cms/running_state.html", context)
