"""What a person keeps for himself: pinned and recent cases, saved searches and their news, and what is stored of it."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from casebook import after_failure
from casebook.asking import kept_of
from casebook.ending import search_named
from casebook.models import Alert, Cadence, CasePage, PinnedCase, RecentCase, RecentQuery, SavedSearch
from casebook.services.alerting import change_search, delete_search, end_search, resume_search, save_search, see_alerts
from casebook.services.errors import CaseError
from casebook.services.following import forget_recent, pin_case, say_useful, unpin_case
from estates.models import User
from estates.requests import person, whole_number

SHOWN = 50
OPINIONS = {"yes": True, "no": False, "": None}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def mine(request: HttpRequest) -> HttpResponseBase:
    """All that is stored of one's own searching, with the button that erases it."""
    user = person(request)
    if request.method == "POST":
        try:
            _act(request, user)
        except CaseError as error:
            messages.error(request, str(error))
        return redirect("casebook:mine")
    visible, news = CasePage.objects.visible_to(user), Alert.objects.unseen_by(user)
    searches = list(SavedSearch.objects.filter(user=user))
    context = {
        "alerts": news.select_related("case", "search")[:SHOWN],
        "unseen": news.count(),
        "saved": [(one, f"{reverse('casebook:search')}?{one.asked}") for one in searches],
        "cadences": Cadence.choices,
        "pinned": PinnedCase.objects.filter(user=user, case__in=visible).select_related("case__estate")[:SHOWN],
        "queries": RecentQuery.objects.filter(user=user),
        "opened": RecentCase.objects.filter(user=user, case__in=visible).select_related("case__estate"),
    }
    return render(request, "casebook/mine.html", context)


def _act(request: HttpRequest, user: User) -> None:
    action = request.POST.get("action", "")
    if action == "forget":
        forget_recent(by=user)
        after_failure.forget(request.session)
        messages.success(request, _("已清除最近的查询和打开的案例。"))
        return
    if action == "seen":
        see_alerts(by=user)
        return
    search = get_object_or_404(SavedSearch, user=user, pk=whole_number(request.POST.get("search")))
    if action == "delete":
        delete_search(by=user, search=search)
        messages.success(request, _("已删除保存的查询“%(name)s”。") % {"name": search.name})
    elif action == "cadence":
        change_search(by=user, search=search, cadence=request.POST.get("cadence", ""))
        messages.success(request, _("已保存“%(name)s”的通知方式。") % {"name": search.name})
    elif action == "end":
        end_search(search)
    elif action == "resume":
        resume_search(by=user, search=search)
    else:
        raise Http404


@require_POST
def save(request: HttpRequest) -> HttpResponseBase:
    """Go on with the search that the page shows."""
    asked = kept_of(QueryDict(request.POST.get("asked", "")))
    post = request.POST
    try:
        saved = save_search(by=person(request), name=post.get("name", ""), asked=asked, cadence=post.get("cadence", ""))
    except CaseError as error:
        messages.error(request, str(error))
    else:
        told = _("已保存“%(name)s”。有新案例时会出现在“我的工作”里。") % {"name": saved.name}
        messages.success(request, told)
    return redirect(f"{reverse('casebook:search')}?{asked}")


@require_POST
def pin(request: HttpRequest, key: str) -> HttpResponseBase:
    case, user = _case_or_404(request, key), person(request)
    if request.POST.get("pin") == "yes":
        pin_case(by=user, case=case)
    else:
        unpin_case(by=user, case=case)
    return redirect(case)


@require_POST
def useful(request: HttpRequest, key: str) -> HttpResponseBase:
    case = _case_or_404(request, key)
    opinion = request.POST.get("useful", "")
    if opinion not in OPINIONS:
        raise Http404
    say_useful(by=person(request), case=case, useful=OPINIONS[opinion])
    return redirect(f"{case.get_absolute_url()}#useful")


def _case_or_404(request: HttpRequest, key: str) -> CasePage:
    case = CasePage.objects.visible_to(person(request)).with_key(key)
    if case is None:
        raise Http404
    return case


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def end_saved(request: HttpRequest, token: str) -> HttpResponse:
    """From a mail: the button ends the alerts of that one search. Nothing is said of what it asks, nor for whom."""
    search = SavedSearch.objects.filter(pk=search_named(token)).first()
    if search and request.method == "POST":
        end_search(search)
        search.refresh_from_db()
    status = HTTPStatus.OK if search else HTTPStatus.NOT_FOUND
    return render(request, "casebook/end_saved.html", {"search": search}, status=status)
