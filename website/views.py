"""The public website: its pages, its search, its feeds. Nobody signs in; nothing but public pages is ever reached."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from wagtail.contrib.sitemaps.views import sitemap as wagtail_sitemap
from wagtail.models import Page
from wagtail.views import serve

from search import index
from website.documents import KIND, PUBLIC
from website.models import PublicPage

LONGEST_QUESTION = 100
SHOWN = 20


@login_not_required
@require_safe
@cache_control(public=True, max_age=60)
def page(request: HttpRequest, path: str) -> HttpResponseBase:
    """Wagtail's page route, for the site's tree alone: records lie outside it and answer 404."""
    route = Page.route_for_request(request, path)
    if route is None or not isinstance(route[0], PublicPage):
        raise Http404
    return serve(request, path)


@login_not_required
@require_safe
def site_search(request: HttpRequest) -> HttpResponse:
    """Words find public pages; nothing about the search is kept."""
    asked = request.GET.get("q", "").strip()[:LONGEST_QUESTION]
    found: list[Page] = []
    if asked:
        query = index.parse(asked, audience=PUBLIC, kinds=frozenset({KIND}), limit=SHOWN)
        ids = [hit.id for hit in index.search(query).hits]
        pages = Page.objects.live().filter(pk__in=ids).specific().in_bulk()
        found = [pages[pk] for pk in ids if pk in pages]
    return render(request, "website/search.html", {"asked": asked, "found": found})


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
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
