"""Every address of the site, asked by people who have no business with a case: nothing leaks, nothing is unlisted.

The table lies beside this file. An address that is not in it, or an answer that changed, fails; after looking at
the difference, write it anew with UPDATE_URL_TABLE=1.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern, RoutePattern
from wagtail.models import Task, Workflow

from archives.models import GateRule
from archives.template import gate_rules
from casebook.factories import make_draft, publish, submit
from casebook.models import CasePage, PackItem, Project, ReviewPack
from casebook.services.packing import add_case, hand_over, start_project
from casebook.vocabulary import Library, ReviewStage, State
from cms.urls import CLOSED_ADMIN_ROUTES
from estates.models import User
from media.models import Photo, PhotoRendition
from tests.conftest import World

TABLE = Path(__file__).with_name("url_table.tsv")
PARAMETER = re.compile(r"<(?:(?P<type>\w+):)?(?P<name>\w+)>")
SECRETS: dict[str, Any] = {
    "title": "机密标题乙",
    "description": "机密说明甲",
    "lesson": "机密教训丙",
    "cause": "机密原因丁",
}
REGEX_SAMPLES = {
    "^" + CLOSED_ADMIN_ROUTES.removeprefix("^"): "admin/images/",
}


@dataclass(frozen=True)
class Address:
    route: str
    path: str


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, bool]]:
    """Every route below the resolver, and whether it is a regular expression."""
    for pattern in resolver.url_patterns:
        own = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, prefix + own)
        elif isinstance(pattern, URLPattern):
            assert isinstance(pattern.pattern, RoutePattern | RegexPattern)
            yield prefix + own, isinstance(pattern.pattern, RegexPattern)


def addresses(case: CasePage) -> list[Address]:
    photo = Photo.objects.of_record("case", case.pk).first()
    assert photo is not None
    revision = str(case.latest_revision_id)
    values = {
        "page_id": str(case.pk),
        "parent_page_id": str(case.get_parent().pk),
        "page_to_move_id": str(case.pk),
        "destination_id": str(case.get_parent().pk),
        "revision_id": revision,
        "revision_id_a": revision,
        "revision_id_b": revision,
        "image_id": str(photo.pk),
        "object_id": str(case.pk),
        "content_type_app_name": "casebook",
        "content_type_model_name": "casepage",
        "app_label": "casebook",
        "model_name": "casepage",
        "slug": case.slug,
        "key": case.key,
        "path": photo.path,
        "pk": str(case.pk),
        "id": str(case.pk),
        "language": "en",
        "task_id": str(Task.objects.order_by("pk")[0].pk),
        "workflow_id": str(Workflow.objects.order_by("pk")[0].pk),
        "page_pk": str(case.pk),
        "workflow_pk": str(Workflow.objects.order_by("pk")[0].pk),
        "filename": "x.csv",
    }
    found = []
    for route, is_regex in routes(get_resolver()):
        if is_regex:
            path = REGEX_SAMPLES.get(route) or re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda m: values.get(m[1], "1"), route)
            path = path.replace("^", "").replace("$", "").replace("\\Z", "")
        else:
            path = PARAMETER.sub(lambda m: values.get(m["name"], "1"), route)
        found.append(Address(route, f"/{path}"))
    return found


def leaks(body: str, case: CasePage, draft: CasePage) -> list[str]:
    photo = Photo.objects.of_record("case", case.pk).first()
    assert photo is not None
    told = [*SECRETS.values(), str(case.number), case.slug, draft.slug, photo.path.rpartition("/")[2]]
    return [secret for secret in told if secret in body]


def ask(user: User | None, method: str, address: Address) -> tuple[int, str]:
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    response = client.get(address.path) if method == "GET" else client.post(address.path)
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return response.status_code, body.decode("utf-8", "replace") + response.headers.get("Location", "")


@pytest.fixture
def secret_case(world: World) -> tuple[CasePage, CasePage]:
    """A published case and a draft of one estate, under ids that no other record has by chance."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sqlite_sequence SET seq = 900000 WHERE name = 'wagtailcore_page'")
    case = make_draft(world.editor, world.estate, world.company.design, unit=world.unit, **SECRETS)
    published = publish(case, by=world.editor, manager=world.manager, confirmer=world.designer)
    draft = make_draft(world.editor, world.estate, world.company.design, **SECRETS)
    _pack_with(published, world)
    if published.pk not in {rule.pk for rule in gate_rules()}:
        GateRule.objects.filter(pk=gate_rules()[0].pk).update(id=published.pk)
    return published, draft


def _pack_with(case: CasePage, world: World) -> None:
    """A project and a pack of its own, under the same id as the case, handed over to design."""
    project = Project(pk=case.pk, estate=world.estate, name="一期", climate="cold", components=["basement"])
    start_project(by=world.manager, project=project, demanding=[])
    stage = project.stages.get(kind=ReviewStage.DRAWINGS)
    pack = ReviewPack.objects.create(pk=case.pk, stage=stage, library=Library.DESIGN, built_by=world.manager)
    add_case(by=world.manager, pack=pack, case=case)
    hand_over(by=world.manager, pack=pack)
    assert PackItem.objects.visible_to(world.designer).count() == 1


def echoed(address: Address, secrets: list[str]) -> list[str]:
    """An answer may repeat what was asked for (a redirect to the sign-in names the address)."""
    return [secret for secret in secrets if secret not in address.path]


def test_no_address_tells_an_outsider_anything(world: World, secret_case: tuple[CasePage, CasePage]) -> None:
    case, draft = secret_case
    askers = {"anonymous": None, "other department": world.engineer, "other estate": world.other_editor}
    before = CasePage.objects.order_by("pk").values_list("pk", "path", "state", "title", "latest_revision_id", "live")
    rows_before, lines, told, broken = list(before), set(), [], []
    for target in (case, draft):
        for address in addresses(target):
            if target is draft and "<" not in address.route:
                continue  # names no record: asked already
            for asker, user in askers.items():
                for method in ("GET", "POST"):
                    status, body = ask(user, method, address)
                    if target is case:
                        lines.add(f"{address.route}\t{asker}\t{method}\t{status}")
                    if found := echoed(address, leaks(body, case, draft)):
                        told.append(f"{method} {address.path} as {asker}: {status} {found}")
                    if status >= 500:
                        broken.append(f"{method} {address.path} as {asker}: {status}")
    assert told == []
    assert broken == []
    assert list(before.all()) == rows_before
    table = "\n".join(sorted(lines)) + "\n"
    if os.environ.get("UPDATE_URL_TABLE"):
        TABLE.write_text(table, "utf-8")
    assert table.splitlines() == TABLE.read_text("utf-8").splitlines()


def test_files_of_a_case_are_not_there_for_outsiders(world: World, secret_case: tuple[CasePage, CasePage]) -> None:
    case, _draft = secret_case
    photo = Photo.objects.of_record("case", case.pk).first()
    assert photo is not None
    paths = [photo.path, photo.copy_path, *(r.file.name for r in PhotoRendition.objects.filter(image=photo))]
    for path in paths:
        for user, expected in (
            (world.designer, 200),
            (world.editor, 200),
            (world.engineer, 404),
            (world.other_editor, 404),
        ):
            client = Client()
            client.force_login(user)
            assert client.get(f"/media/{path}").status_code == expected, (path, user)
        assert Client().get(f"/media/{path}").status_code == 302


@pytest.mark.parametrize("words", ["机密", "3栋2单元1201", "机密教训"])
def test_search_counts_and_suggests_nothing_to_outsiders(
    world: World, secret_case: tuple[CasePage, CasePage], words: str
) -> None:
    for user, count in ((world.designer, 1), (world.engineer, 0), (world.other_editor, 0)):
        client = Client()
        client.force_login(user)
        page = client.get("/search/", {"q": words})
        assert (page.context["total"], len(page.context["cards"])) == (count, count)
        assert any(facet.choices for facet in page.context["facets"]) is bool(count)


def test_the_admin_boxes_find_chinese_and_only_what_the_editor_may_see(
    world: World, secret_case: tuple[CasePage, CasePage]
) -> None:
    case, _draft = secret_case
    for user, sees in ((world.editor, True), (world.other_editor, False)):
        client = Client()
        client.force_login(user)
        page = client.get("/admin/pages/search/", {"q": "密说明"})
        assert (f"/admin/pages/{case.pk}/edit/" in page.content.decode()) is sees
        chooser = client.get("/admin/choose-page/search/", {"q": "密说明", "page_type": "wagtailcore.page"})
        assert (SECRETS["title"] in chooser.content.decode()) is sees


def test_a_case_in_review_is_seen_by_its_department_only(world: World) -> None:
    case = make_draft(world.editor, world.estate, world.company.engineering, **SECRETS)
    submitted = submit(case, world.editor)
    assert submitted.state == State.IN_REVIEW
    for user, status in ((world.manager, 200), (world.editor, 200), (world.engineer, 404), (world.designer, 404)):
        client = Client()
        client.force_login(user)
        assert client.get(f"/c/{submitted.number}/").status_code == status, user
