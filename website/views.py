"""The public website: its pages, its search, its feeds. Nobody signs in; nothing but public pages is ever reached."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.contrib.sitemaps.views import sitemap as wagtail_sitemap
from wagtail.models import Page, PageViewRestriction, Site, TaskState
from wagtail.views import serve

from estates.requests import person
from search import index
from website import policies
from website.documents import KIND, PUBLIC
from website.models import PublicPage, SecondPersonTask
from website.services.deciding import PageError, approve_page, return_page

LONGEST_QUESTION = 100
SHOWN = 20
EVERYBODYS: dict[str, bool | int] = {"public": True, "max_age": 60}


@login_not_required
@require_safe
def page(request: HttpRequest, path: str) -> HttpResponseBase:
    """Wagtail's page route, for the site's tree alone: records lie outside it and answer 404, and so does a page
    with a restriction that does not admit the reader. No cache keeps what is not everybody's."""
    route = Page.route_for_request(request, path)
    if route is None or not isinstance(route[0], PublicPage):
        raise Http404
    restrictions = list(route[0].get_view_restrictions())
    if not all(_admits(one, request) for one in restrictions):
        raise Http404
    response = serve(request, path)
    patch_cache_control(response, **({"private": True, "no_store": True} if restrictions else EVERYBODYS))
    return response


def _admits(restriction: PageViewRestriction, request: HttpRequest) -> bool:
    """The website has no form for passwords: a page with one is read by nobody."""
    by_password = restriction.restriction_type == PageViewRestriction.PASSWORD
    return not by_password and bool(restriction.accept_request(request))


def _under_review(request: HttpRequest, pk: int) -> TaskState:
    """A review of a public page, for those who write them."""
    if not policies.may_write(request.user):
        raise Http404
    tasks = SecondPersonTask.objects.values("task_ptr")
    states = TaskState.objects.filter(task__in=tasks).select_related("revision", "workflow_state__requested_by")
    return get_object_or_404(states, pk=pk)


@require_safe
def reviewed_version(request: HttpRequest, pk: int) -> HttpResponse:
    """The very version that is to be decided on, as it would look."""
    version: PublicPage = _under_review(request, pk).revision.as_object()
    return version.serve_preview(request, "")


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A page to be let out: look at it, then say yes, or what has to change."""
    state, user = _under_review(request, pk), person(request)
    if request.method == "POST":
        try:
            if "approve" in request.POST:
                approve_page(state=state, by=user)
                messages.success(request, _("已同意发布。"))
            else:
                return_page(state=state, by=user, reason=request.POST.get("reason", ""))
                messages.success(request, _("已退回，编辑会收到您的意见。"))
        except PageError as error:
            messages.error(request, str(error))
            return redirect("website-review", pk)
        return redirect("my-work")
    version = state.revision.as_object()
    context = {
        "state": state,
        "version": version,
        "is_open": state.status == TaskState.STATUS_IN_PROGRESS,
        "may_decide": policies.may_decide(user, state),
    }
    return render(request, "website/review.html", context)


@login_not_required
@require_safe
def site_search(request: HttpRequest) -> HttpResponse:
    """Words find public pages; nothing about the search is kept."""
    asked = request.GET.get("q", "").strip()[:LONGEST_QUESTION]
    found: list[Page] = []
    if asked:
        query = index.parse(asked, audience=PUBLIC, kinds=frozenset({KIND}), limit=SHOWN)
        ids = [hit.id for hit in index.search(query).hits]
        pages = Page.objects.live().public().filter(pk__in=ids).specific().in_bulk()
        found = [pages[pk] for pk in ids if pk in pages]
    return render(request, "website/search.html", {"asked": asked, "found": found})


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
    if Site.find_for_request(request) is None:
        raise Http404
    return wagtail_sitemap(request)


@login_not_required
@require_safe
def icon(request: HttpRequest) -> HttpResponseBase:
    """Where browsers look by themselves, from pages that name no icon: a mail as a page, a PDF."""
    return redirect(static("cms/icon.svg"))


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    told = ["User-agent: *", "Allow: /site/", "Allow: /public/", "Disallow: /"]
    told.append(f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}")
    return HttpResponse("\n".join(told) + "\n", content_type="text/plain; charset=utf-8")
