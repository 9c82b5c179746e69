"""The box of its own: people are looked up by POST, so that what was typed enters no address and no log."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from archives import policies
from archives.finding import LONGEST, SHOWN, Row, find_people, rows_of
from archives.models import DossierPage
from archives.querysets import DossierQuerySet
from archives.views.doors import private, reader_of
from archives.vocabulary import OPEN_STATES, State
from estates.access import reach_of
from estates.requests import person
from estates.roles import Role
from estates.work import First


@require_http_methods(["GET", "POST"])
@private
def find(request: HttpRequest) -> HttpResponseBase:
    """The box with what waits for the person; a POST shows whom the text may mean, masked."""
    user = person(request)
    if not policies.may_find(user):
        raise PermissionDenied(_("查找客户对客服、销售、物业和公司领导开放。"))
    text = request.POST.get("q", "")
    context: dict[str, object] = {"text": text, "longest": LONGEST, "shown": SHOWN, "asked": request.method == "POST"}
    if request.method == "POST":
        context["found"] = find_people(reader=reader_of(request), text=text)
        return render(request, "archives/find.html", context)
    visible = DossierPage.objects.visible_to(user)
    mine = visible.filter(owner=user, state__in=OPEN_STATES)
    to_check = visible.filter(reach_of(user, {Role.ARCHIVIST}).q("estate"), state=State.SUBMITTED)
    context |= {"mine": _first(mine), "to_check": _first(to_check)}
    return render(request, "archives/find.html", context)


def _first(dossiers: DossierQuerySet) -> First[Row]:
    rows = rows_of(dossiers, named=False)
    return First(rows, len(rows) if len(rows) < SHOWN else dossiers.order_by().count())
