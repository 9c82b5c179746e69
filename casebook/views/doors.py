"""Two doors to the answering desk: staff come by their account, institutes by a link and its code."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from casebook.desk import desk_of_link, desk_of_user
from casebook.models import LinkVisit, OutsideLink, ReviewPack
from casebook.services.linking import link_of, note_visit, try_code
from casebook.views.desk import whence
from casebook.vocabulary import PackState
from estates.requests import person

DeskView = Callable[..., HttpResponseBase]
"""Takes the request, the Desk, and what else the address names."""


def by_account(view: DeskView) -> DeskView:
    """The desk of a pack that was handed over and that the signed-in person may see; anybody else gets 404."""

    @wraps(view)
    def entered(request: HttpRequest, pk: int, **named: int) -> HttpResponseBase:
        user = person(request)
        packs = ReviewPack.objects.visible_to(user).exclude(state=PackState.PREPARED)
        pack = get_object_or_404(packs.select_related("stage__project__estate"), pk=pk)
        return view(request, desk_of_user(user, pack), **named)

    return entered


def by_link(view: DeskView) -> DeskView:
    """The desk of an open link in a browser that gave its code; a shut one is refused and the attempt noted."""

    @login_not_required
    @never_cache
    @wraps(view)
    def entered(request: HttpRequest, token: str, **named: int) -> HttpResponseBase:
        link = link_of(token)
        if link is None:
            raise Http404
        if not link.is_open:
            return _refused(request, link)
        if not request.session.get(_mark(link)):
            return redirect("casebook:outside", token)
        return view(request, desk_of_link(link, token), **named)

    return entered


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def outside(request: HttpRequest, token: str) -> HttpResponseBase:
    """Asks for the access code, once per browser."""
    link = link_of(token)
    if link is None:
        raise Http404
    if not link.is_open:
        return _refused(request, link)
    if request.session.get(_mark(link)):
        return redirect("casebook:outside-answer", token)
    if request.method == "GET":
        return render(request, "casebook/outside.html", {"link": link})
    tried = try_code(link, request.POST.get("code", ""), **whence(request))
    if not tried.opened:
        return _asked_again(request, link, tried.wait)
    request.session.cycle_key()  # whoever knew the id before knows nothing of what it opens now
    request.session[_mark(link)] = True
    return redirect("casebook:outside-answer", token)


def _asked_again(request: HttpRequest, link: OutsideLink, wait: int) -> HttpResponseBase:
    error = _("访问码不对，请核对后再试。")
    if wait:
        error = _("从您的网络来的错误访问码太多，请过 %(n)d 秒再试。") % {"n": wait}
    status = HTTPStatus.TOO_MANY_REQUESTS if wait else HTTPStatus.UNPROCESSABLE_ENTITY
    response = render(request, "casebook/outside.html", {"link": link, "error": error}, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _refused(request: HttpRequest, link: OutsideLink) -> HttpResponseBase:
    note_visit(link, LinkVisit.Act.REFUSED, **whence(request))
    return render(request, "casebook/outside.html", {"link": None}, status=HTTPStatus.GONE)


def _mark(link: OutsideLink) -> str:
    return f"outside-{link.pk}"
