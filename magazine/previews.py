"""What the editor of an issue sees before anybody else: the mail, the PDF and the letter, of the draft as it stands."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from magazine.content import Content, content_of
from magazine.links import MailLinks
from magazine.rendering.mail import mail_html
from magazine.rendering.mail_rules import mail_problems
from magazine.rendering.paper import glyphs_missing_in, letter_pages, magazine_pages, photos_too_small

if TYPE_CHECKING:
    from magazine.models import IssuePage

Preview = Callable[["IssuePage", HttpRequest], HttpResponse]


def preview_mail(issue: IssuePage, request: HttpRequest) -> HttpResponse:
    address = issue.full_url or settings.SITE_URL
    return HttpResponse(mail_html(content_of(issue), MailLinks(issue=address, copy=address)))


def preview_pdf(issue: IssuePage, request: HttpRequest) -> HttpResponse:
    return _pages(request, issue, magazine_pages)


def preview_letter(issue: IssuePage, request: HttpRequest) -> HttpResponse:
    return _pages(request, issue, letter_pages)


def _pages(request: HttpRequest, issue: IssuePage, pages: Callable[[Content], list[bytes]]) -> HttpResponse:
    content = content_of(issue)
    shown = [f"data:image/png;base64,{b64encode(page).decode()}" for page in pages(content)]
    return render(request, "magazine/paper_preview.html", {"pages": shown, "problems": paper_problems(content)})


def paper_problems(content: Content) -> list[str]:
    """What stands in the way of print, in words, with its place."""
    hidden = [
        _("照片“%(title)s”还没有审看，或已撤下，不会印出（%(place)s）") % {"title": photo, "place": place}
        for place, photo in content.missing
    ]
    missing = [
        _("“%(char)s”不在印刷字库里（%(place)s），请换一种写法") % {"char": char, "place": place}
        for char, place in glyphs_missing_in(content)
    ]
    return [*hidden, *missing] + [
        _("照片太小，印出来会模糊（%(place)s），请换一张大的") % {"place": place} for place in photos_too_small(content)
    ]


def mail_problems_of(content: Content) -> list[str]:
    return mail_problems(mail_html(content, MailLinks(issue=settings.SITE_URL, copy=settings.SITE_URL)))


PREVIEWS: dict[str, Preview] = {"mail": preview_mail, "pdf": preview_pdf, "letter": preview_letter}
