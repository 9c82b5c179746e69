"""What was sent, as a page and as a PDF; and the feeds of published issues."""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus

from csp.constants import SELF, UNSAFE_INLINE
from django.contrib.auth.decorators import login_not_required
from django.contrib.syndication.views import Feed
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from magazine.content import photo_versions
from magazine.links import LEAVE, WISHES
from magazine.models import Edition, IssuePage, MagazineIndexPage
from magazine.rendering.paper import MissingGlyphs, letter_pdf, magazine_pdf
from magazine.vocabulary import MailingKind, MailingState
from text.cleaning import clean, clean_line

KEPT_SECONDS = 3600
READABLE = [MailingState.APPROVED, MailingState.SENDING, MailingState.PAUSED, MailingState.DONE]


def _public_editions() -> QuerySet[Edition]:
    """Of the member magazine, from its approval on; what goes to colleagues is on no public page, nor is an issue
    whose page has a restriction."""
    sent = Edition.objects.filter(mailing__kind=MailingKind.ISSUE, mailing__state__in=READABLE)
    return sent.exclude(mailing__issue__in=IssuePage.objects.not_public())


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
def copy(request: HttpRequest, key: str) -> HttpResponse:
    """*View in browser*: the mail as it was sent, without the links of any one reader."""
    edition = get_object_or_404(_public_editions(), key=key)
    subscribe = reverse("magazine:subscribe")
    return mail_page(edition.html.replace(LEAVE, subscribe).replace(WISHES, subscribe))


def mail_page(html: str) -> HttpResponse:
    """A mail as a page: its styles stand inline, as mail programs need them."""
    response = HttpResponse(html)
    response._csp_replace = {"style-src": [SELF, UNSAFE_INLINE]}  # type: ignore[attr-defined]
    return response


@login_not_required
@require_safe
@cache_control(public=True, max_age=60)
def copy_pdf(request: HttpRequest, key: str) -> HttpResponseBase:
    edition = get_object_or_404(_public_editions().exclude(pdf=""), key=key)
    if not edition.photos_are_public:
        return render(request, "magazine/taken_back.html", status=HTTPStatus.GONE)
    return stored_pdf(edition)


def stored_pdf(edition: Edition) -> HttpResponseBase:
    """The PDF that was frozen with the mail."""
    try:
        opened = default_storage.open(edition.pdf)
    except FileNotFoundError as error:
        raise Http404 from error
    return FileResponse(opened, content_type="application/pdf", filename=f"{edition.mailing_id}.pdf")


@login_not_required
@require_safe
@cache_control(public=True, max_age=60)
def issue_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The published issue for printing at home; typeset once for all who ask within the hour."""
    issue = get_object_or_404(IssuePage.objects.visible_to(request.user), pk=pk)
    photos = sha256(repr(photo_versions(issue.content)).encode()).hexdigest()[:16]
    kept = f"issue-pdf:{pk}:{issue.live_revision_id}:{photos}"
    made: bytes | None = cache.get(kept)
    if made is None:
        answer = paper(request, issue)
        if answer.status_code != HTTPStatus.OK:
            return answer
        made = answer.content
        cache.set(kept, made, KEPT_SECONDS)
    return _pdf(made, f"{issue.month}.pdf")


def paper(request: HttpRequest, issue: IssuePage, *, letter: bool = False, bleed: bool = False) -> HttpResponse:
    try:
        made = letter_pdf(issue.content) if letter else magazine_pdf(issue.content, bleed=bleed)
    except MissingGlyphs as error:
        return render(
            request, "magazine/unprintable.html", {"told": str(error)}, status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    return _pdf(made, f"{issue.month}{'-letter' if letter else ''}{'-bleed' if bleed else ''}.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


class IssueFeed(Feed[IssuePage, MagazineIndexPage]):
    """RSS of the published issues."""

    def get_object(self, request: HttpRequest) -> MagazineIndexPage:
        return get_object_or_404(MagazineIndexPage.objects.visible_to(request.user))

    def title(self, index: MagazineIndexPage) -> str:
        return clean_line(str(index.title))

    def link(self, index: MagazineIndexPage) -> str:
        return str(index.full_url)

    def description(self, index: MagazineIndexPage) -> str:
        return clean(str(index.summary or _("会员杂志各期")))

    def items(self, index: MagazineIndexPage) -> list[IssuePage]:
        return list(index.issues()[:30])

    def item_title(self, item: IssuePage) -> str:
        return clean_line(f"{item.title}（{item.subtitle}）")

    def item_description(self, item: IssuePage) -> str:
        return clean(str(item.summary))

    def item_link(self, item: IssuePage) -> str:
        return str(item.full_url)

    def item_pubdate(self, item: IssuePage) -> object:
        return item.first_published_at


class AtomIssueFeed(IssueFeed):
    feed_type = Atom1Feed
    subtitle = IssueFeed.description


feed = login_not_required(require_safe(IssueFeed()))
atom = login_not_required(require_safe(AtomIssueFeed()))
