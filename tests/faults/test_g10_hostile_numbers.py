"""Numbers and texts that no database can hold, at every address, in path, query and form: never a broken page."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from casebook.factories import make_draft, publish
from casebook.models import CasePage
from estates.models import User
from media.models import Photo
from media.serving import serve
from tests.conftest import World

ROOT = Path(__file__).parent.parent.parent
GIANT, ENDLESS = "9" * 23, "9" * 5_000
VALUES = {
    "giant": GIANT,
    "negative": f"-{GIANT}",
    "endless": ENDLESS,
    "nul": "1\0",
    "far day": "9999-12-31",
    "first day": "0001-01-01",
    "digits of another script": "٣" * 9,
    "exponent": "1e400",
    "long text": "长" * 30_000,
}
PARAMETER = re.compile(r"<(?:(?P<type>\w+):)?(?P<name>\w+)>")
READ = re.compile(r"(?:GET|POST|post|query|data)(?:\.get|\.getlist|\.pop)?[\(\[]\s*\"([\w-]+)\"")
NAMED = re.compile(r"name=\"([\w-]+)\"")
LEFT_OUT = {"logout/", "language/", "admin/logout/"}
"""They end the session or change its language."""


def keys() -> list[str]:
    """Every name that a view reads or a template sends, and the admin's own."""
    found = {"p", "page", "id", "ordering", "q", "page_type", "next", "mode", "locale", "per_page", "uid", "rule"}
    for folder in ("cms", "magazine", "website", "service", "casebook", "archives", "media", "exchange", "estates"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(READ.findall(path.read_text("utf-8")))
        for path in (ROOT / folder).rglob("*.html"):
            found |= set(NAMED.findall(path.read_text("utf-8")))
    return sorted(found - {"csrfmiddlewaretoken", "viewport", "language"})


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        own = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, own)
        elif isinstance(pattern, URLPattern) and isinstance(pattern.pattern, RoutePattern) and "^" not in own:
            yield own


def filled(route: str, value: str, case: CasePage) -> str:
    known = {"key": case.key, "slug": case.slug, "pk": str(case.pk), "page_id": str(case.pk)}
    known |= {"content_type_app_name": "casebook", "content_type_model_name": "casepage"}
    known |= {"app_label": "casebook", "model_name": "casepage", "parent_page_id": str(case.get_parent().pk)}
    given = value or ""
    return "/" + PARAMETER.sub(lambda m: given or known.get(m["name"], "1"), route)


@pytest.fixture
def case(world: World) -> CasePage:
    draft = make_draft(world.editor, world.estate, world.company.design, unit=world.unit)
    return publish(draft, by=world.editor, manager=world.manager, confirmer=world.designer)


def who(world: World, name: str) -> User:
    if name == "superuser":
        return User.objects.create_superuser("root", "root@example.invalid", "x")
    return world.editor


class Visitor:
    def __init__(self, user: User) -> None:
        self.client = Client(raise_request_exception=False)
        self.client.force_login(user)
        self.broken: list[str] = []

    def ask(self, method: str, path: str, data: dict[str, str] | None = None, said: str = "") -> None:
        answer = getattr(self.client, method)(path, data)
        if answer.status_code >= 500:
            kind = type(answer.exc_info[1]).__name__ if getattr(answer, "exc_info", None) else ""
            self.broken.append(f"{method} {path[:120]} {said}: {answer.status_code} {kind}")


def some(*values: str) -> list[tuple[str, str]]:
    """Who says what: everything twice in a long run, else one thing each."""
    if os.environ.get("SOAK_NUMBERS"):
        return [(name, value) for name in ("superuser", "editor") for value in values]
    return [("superuser", "giant"), ("editor", "nul")]


def asked() -> list[str]:
    return sorted({route for route in routes(get_resolver()) if route not in LEFT_OUT})


@pytest.mark.parametrize(("name", "said"), some("giant", "endless", "nul", "negative"))
def test_g10_in_the_path(world: World, case: CasePage, name: str, said: str) -> None:
    visitor = Visitor(who(world, name))
    value = VALUES[said].replace("\0", "%00")
    for route in asked():
        if "<" in route:
            visitor.ask("get", filled(route, value, case), said=said)
            visitor.ask("post", filled(route, value, case), said=said)
    assert visitor.broken == []


@pytest.mark.parametrize(("name", "said"), some(*VALUES))
def test_g10_in_the_query(world: World, case: CasePage, name: str, said: str) -> None:
    visitor = Visitor(who(world, name))
    short = VALUES[said][:6_000]
    query = dict.fromkeys(keys(), short) if len(short) < 30 else {}
    for route in asked():
        if query:
            visitor.ask("get", filled(route, "", case), query, said)
        else:
            for key in ("page", "p", "q", "id", "item", "day", "month", "estate"):
                visitor.ask("get", filled(route, "", case), {key: short}, f"{said} as {key}")
    assert visitor.broken == []


@pytest.mark.parametrize(("name", "said"), some(*VALUES))
def test_g10_in_the_form(world: World, case: CasePage, name: str, said: str) -> None:
    visitor = Visitor(who(world, name))
    value = VALUES[said]
    form = dict.fromkeys(keys(), value if len(value) < 30 else value[: 2_000_000 // len(keys())])
    for route in asked():
        visitor.ask("post", filled(route, "", case), form, said)
    assert visitor.broken == []


@pytest.mark.parametrize(
    ("asked_for", "status", "length"),
    [
        (f"bytes={ENDLESS}-", 416, 0),
        (f"bytes=0-{ENDLESS}", 200, 10),
        (f"bytes=-{ENDLESS}", 200, 10),
        ("bytes=-0", 416, 0),
        ("bytes=00000000000000000000003-4", 206, 2),
        ("bytes=10-", 416, 0),
        ("bytes=9-", 206, 1),
        ("bytes=5-2", 416, 0),
        ("bytes=-3", 206, 3),
        ("bytes=٣-٤", 200, 10),
        ("bytes=a-b", 200, 10),
        ("bytes=0-1,3-4", 200, 10),
    ],
    ids=str,
)
def test_g10_ranges(asked_for: str, status: int, length: int) -> None:
    request = RequestFactory().get("/", headers={"Range": asked_for})
    answer = serve(request, ContentFile(b"0123456789"), content_type="image/jpeg", etag="x")
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    assert (answer.status_code, len(body)) == (status, length)


def test_g10_a_photo_with_an_endless_range(world: World, case: CasePage) -> None:
    photo = Photo.objects.of_record("case", case.pk)[0]
    client = Client(raise_request_exception=False)
    client.force_login(world.editor)
    for asked_for, status in ((f"bytes={ENDLESS}-", 416), ("bytes=-0", 416), ("bytes=0-0", 206)):
        assert client.get(f"/media/{photo.path}", headers={"Range": asked_for}).status_code == status
