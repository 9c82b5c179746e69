"""The words of search: synonyms, and the queries that found nothing."""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus
from itertools import groupby
from operator import attrgetter

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from casebook import policies
from estates.requests import person, whole_number
from search.models import FailedQuery, SynonymGroup
from search.synonyms import SynonymError, forget_failed, monday_of, proposals, save_group

SHOWN = 100
SEEN = timedelta(weeks=4)


@require_http_methods(["GET", "POST"])
def search_words(request: HttpRequest) -> HttpResponseBase:
    """Every group of synonyms, to change or delete; a new one, perhaps begun with a query that found nothing."""
    if not policies.may_keep_words(person(request)):
        raise PermissionDenied(_("检索用词由客服经理维护。"))
    if request.method == "POST":
        return _change(request)
    return _page(request, entered=request.GET.get("word", "")[:60])


def _change(request: HttpRequest) -> HttpResponseBase:
    group = None
    if pk := whole_number(request.POST.get("group")):
        group = get_object_or_404(SynonymGroup, pk=pk)
    action = request.POST.get("action", "save")
    if action == "forget":
        forget_failed(request.POST.get("failed", ""))
        return redirect("casebook:words")
    if action == "delete" and group:
        group.delete()
        messages.success(request, _("已删除同义词组：%(words)s") % {"words": group.words})
        return redirect("casebook:words")
    text = request.POST.get("words", "")
    try:
        saved = save_group(text, group=group)
    except SynonymError as error:
        return _page(request, entered=text, editing=group, error=str(error))
    messages.success(request, _("已保存，立即生效：%(words)s") % {"words": saved.words})
    return redirect("casebook:words")


def _weeks() -> list[tuple[date, int, list[FailedQuery]]]:
    """Each week with failed queries, the latest first: its Monday, how many, and which, the most frequent first."""
    rows = FailedQuery.objects.filter(week__gte=monday_of(timezone.localdate()) - SEEN)
    return [
        (week, sum(one.times for one in failed), failed[:SHOWN])
        for week, failed in ((week, list(group)) for week, group in groupby(rows, attrgetter("week")))
    ]


def _page(
    request: HttpRequest, *, entered: str = "", editing: SynonymGroup | None = None, error: str = ""
) -> HttpResponse:
    context = {
        "groups": SynonymGroup.objects.all(),
        "weeks": _weeks(),
        "proposals": [(one, f"{one.text}、{one.words}") for one in proposals()[:SHOWN]],
        "entered": entered,
        "editing": editing,
        "error": error,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return render(request, "casebook/words.html", context, status=status)
