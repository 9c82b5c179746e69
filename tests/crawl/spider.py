"""Walks through the site as one person: every link that is offered, a few of each address."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin, urlsplit

from django.http import HttpResponseBase
from django.test import Client
from django.urls import Resolver404, resolve

from estates.models import User

LINK = re.compile(r"""<(?:a|img|iframe|source|link|script)\b[^>]*?\s(?:href|src)=["']([^"']*)["']""", re.IGNORECASE)
NOT_FOLLOWED = ("/logout/", "/admin/logout/", "/static/", "/media/")
PARAMETERS = frozenset({"filename", "language"})


def route_of(path: str) -> str:
    """The route that answers the address; empty where none does."""
    try:
        return str(resolve(urlsplit(path).path).route)
    except Resolver404:
        return ""


@dataclass
class Walk:
    """What one person met."""

    visitor: str
    client: Client
    most_of_a_route: int
    check: Callable[[str, str, int, str], Iterable[str]]
    """Visitor, address, status and text, to what is wrong with them."""
    seen: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    routes: Counter[str] = field(default_factory=Counter)

    def follow(self, starts: Iterable[str]) -> None:
        """From the starts along every link."""
        waiting = [(start, "") for start in starts]
        while waiting:
            address, origin = waiting.pop(0)
            if address in self.seen or not self._is_due(address):
                continue
            self.seen.add(address)
            status, text, location = self.visit(address)
            if origin and status in (403, 404, 405, 410):
                self.complaints.append(f"{self.visitor}: {origin} offers {address}, which answers {status}")
            found = [location] if location else links_of(text)
            waiting += [(one, address) for one in (_absolute(address, link) for link in found) if one]

    def _is_due(self, address: str) -> bool:
        route = route_of(address)
        self.routes[route] += 1
        return self.routes[route] <= self.most_of_a_route

    def visit(self, address: str) -> tuple[int, str, str]:
        response = self.client.get(address, HTTP_ACCEPT="text/html")
        text = body_of(response)
        self.complaints += self.check(self.visitor, address, response.status_code, text)
        return response.status_code, text, response.headers.get("Location", "")


def body_of(response: HttpResponseBase) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    if not response.headers.get("Content-Type", "").startswith(("text/", "application/json", "application/xml")):
        return ""
    return bytes(content).decode("utf-8", "replace")


def links_of(text: str) -> list[str]:
    return [html.unescape(link) for link in LINK.findall(text)]


def _absolute(origin: str, link: str) -> str:
    """The address within the site, without its fragment; empty when it leads elsewhere or is not to be followed."""
    address = urldefrag(urljoin(f"http://testserver{origin}", link)).url
    parts = urlsplit(address)
    if parts.scheme != "http" or parts.netloc != "testserver" or parts.path.startswith(NOT_FOLLOWED):
        return ""
    return address.removeprefix("http://testserver")


def walk_as(
    name: str,
    user: User | None,
    *,
    language: str,
    most_of_a_route: int,
    check: Callable[[str, str, int, str], Iterable[str]],
) -> Walk:
    client = Client(raise_request_exception=False, headers={"accept-language": language})
    if user:
        User.objects.filter(pk=user.pk).update(language=language)
        client.force_login(user)
    return Walk(f"{name} ({language})", client, most_of_a_route, check)
