"""What is looked at before an issue may be sent. A check that blocks must be mended first; the others are for a
person to judge."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.core.cache import cache
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from wagtail.models import Page

from estates.unit_codes import find_units
from magazine.content import Content
from magazine.previews import mail_problems_of
from magazine.rendering.paper import glyphs_missing_in, photos_too_small
from vault.personal_data import Kind, find_personal_data

SECONDS = 5
KEPT_SECONDS = 600
AT_ONCE = 8
GONE = 400
HOTLINES = ("0", "400", "800", "(")
"""A number that begins so is an office's, not a person's."""


@dataclass(frozen=True, slots=True)
class Check:
    """`problems` name their places; none is good."""

    name: str
    problems: tuple[str, ...]
    blocks: bool

    @property
    def is_good(self) -> bool:
        return not self.problems


def checklist(content: Content) -> list[Check]:
    """Every check of an issue, the blocking ones first. Asks other sites whether links are alive."""
    return [
        *blocking_checks(content),
        Check(_("照片够印刷"), tuple(_small_photos(content)), blocks=False),
        Check(_("没有写出房号"), tuple(_units(content)), blocks=False),
        Check(_("链接都打得开"), tuple(dead_links(content)), blocks=False),
    ]


def blocking_checks(content: Content) -> list[Check]:
    """Those that must be good before an issue is frozen; none leaves this machine."""
    return [
        Check(_("有内容"), () if content.sections else (_("这一期还没有栏目"),), blocks=True),
        Check(_("没有个人信息"), tuple(_personal(content)), blocks=True),
        Check(_("照片都审看过"), tuple(_not_public(content)), blocks=True),
        Check(_("字都印得出"), tuple(_glyphs(content)), blocks=True),
        Check(_("邮件都能正常显示，也不会被截断"), tuple(mail_problems_of(content)), blocks=True),
    ]


def _personal(content: Content) -> Iterator[str]:
    for place, text in content.texts:
        for found in find_personal_data(text):
            if not (found.kind == Kind.PHONE and found.text.startswith(HOTLINES)):
                yield _("%(place)s：像%(kind)s（%(masked)s）") % {
                    "place": place,
                    "kind": found.kind.label,
                    "masked": f"{found.text[:1]}***",
                }


def _not_public(content: Content) -> Iterator[str]:
    for place, photo in content.missing:
        yield _("%(place)s：照片“%(title)s”还没有审看，或已撤下") % {"place": place, "title": photo}


def _glyphs(content: Content) -> Iterator[str]:
    for char, place in glyphs_missing_in(content):
        yield _("%(place)s：印刷字库里没有“%(char)s”") % {"place": place, "char": char}


def _small_photos(content: Content) -> Iterator[str]:
    for place in photos_too_small(content):
        yield _("%(place)s：照片太小，印出来会模糊") % {"place": place}


def _units(content: Content) -> Iterator[str]:
    for place, text in content.texts:
        for unit in find_units(text):
            yield _("%(place)s：写出了房号（%(unit)s）") % {"place": place, "unit": text[unit.start : unit.end]}


def dead_links(content: Content) -> list[str]:
    """Links that lead nowhere, in words with their place. Links to other sites are asked for, several at once."""
    links = dict.fromkeys(content.links)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda link: link_problem(link[1]), links))
    return [f"{place}：{href}（{problem}）" for (place, href), problem in zip(links, answers, strict=True) if problem]


def link_problem(href: str) -> str:
    """Empty for a link that leads somewhere."""
    parts = urlsplit(href)
    if parts.scheme in ("mailto", "tel"):
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return _("不是完整的网址")
    if href.startswith(settings.SITE_URL):
        return "" if _is_ours(parts.path) else _("本站没有这一页")
    kept = f"link:{sha256(href.encode()).hexdigest()}"
    known: str | None = cache.get(kept)
    if known is None:
        known = _outside(href, parts.hostname)
        cache.set(kept, known, KEPT_SECONDS)
    return known


def _is_ours(path: str) -> bool:
    try:
        match = resolve(path)
    except Resolver404:
        return False
    if match.url_name != "wagtail_serve":
        return True
    return any(
        page.url_path.endswith(f"/{match.args[0]}") for page in Page.objects.live().public().filter(slug=_last(path))
    )


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


class _NoRedirect(HTTPRedirectHandler):
    """A redirect is an answer; following it could lead into our own network."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


def _outside(href: str, host: str) -> str:
    if not _is_public(host):
        return _("这个域名找不到")
    asked = Request(href, method="HEAD", headers={"User-Agent": "Anjuan link check"})  # noqa: S310  http and https only
    try:
        build_opener(_NoRedirect).open(asked, timeout=SECONDS).close()
    except HTTPError as error:
        return _("对方回答 %(code)d") % {"code": error.code} if error.code >= GONE and error.code not in ASKS else ""
    except (URLError, OSError, ValueError):
        return _("对方没有回答")
    return ""


ASKS = {401, 403, 405, 429}
"""There is something, but not for a programme."""


def _is_public(host: str) -> bool:
    """An author's link must not make the server ask around in the company's own network."""
    try:
        found = socket.getaddrinfo(host, None)
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(ip_address(one[4][0]).is_global for one in found)
