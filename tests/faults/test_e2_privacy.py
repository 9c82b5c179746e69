"""E2: privacy of public pages is not offered in the admin; a restriction that is stored is respected everywhere."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from wagtail.models import Page, PageViewRestriction

from magazine.services.starting import found_magazine
from tests.conftest import World
from tests.magazine.conftest import make_published
from tests.website.test_website import make_article
from website.models import HomePage
from website.services.founding import found_website

HIDDEN = ("采暖季前", "试水、排气。", "打开分水器总阀")
KINDS = [PageViewRestriction.PASSWORD, PageViewRestriction.LOGIN, PageViewRestriction.GROUPS]


@pytest.fixture
def home(world: World) -> HomePage:
    return found_website()


def restrict(page: Page, kind: str) -> PageViewRestriction:
    made = PageViewRestriction.objects.create(page=page, restriction_type=kind, password="geheim")
    if kind == PageViewRestriction.GROUPS:
        made.groups.add(Group.objects.create(name="readers"))
    return made


def everywhere(page: Page, client: Client) -> dict[str, str]:
    """What a stranger is told at every address that tells of pages."""
    paths = ["/site/", "/sitemap.xml", "/site/search/?q=分水器", "/site/search/?q=采暖", page.get_parent().url]
    return {path: client.get(path).content.decode() for path in paths}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("above", [False, True], ids=["page", "ancestor"])
def test_e2_a_restricted_page_is_nowhere_public(
    home: HomePage, world: World, client: Client, kind: str, above: bool
) -> None:
    page = make_article(home, world.editor)
    page.show_in_menus = True
    page.save()
    assert any("采暖季前" in told for told in everywhere(page, client).values())
    restrict(home if above else page, kind)
    answer = client.get(page.url)
    assert answer.status_code == 404
    for path, told in everywhere(page, client).items():
        assert not [word for word in HIDDEN if word in told], path
    assert client.get("/site/").status_code == (404 if above else 200)


def test_e2_those_whom_a_restriction_admits_read_and_no_cache_keeps_it(
    home: HomePage, world: World, client: Client
) -> None:
    page = make_article(home, world.editor)
    made = restrict(page, PageViewRestriction.GROUPS)
    client.force_login(world.editor)
    assert client.get(page.url).status_code == 404
    world.editor.groups.add(made.groups.get())
    answer = client.get(page.url)
    assert answer.status_code == 200
    assert "private" in answer["Cache-Control"]
    assert "public" not in answer["Cache-Control"]
    made.delete()
    assert "public" in Client().get(page.url)["Cache-Control"]


def test_e2_a_restricted_issue_is_in_no_list_feed_or_pdf(world: World, client: Client) -> None:
    index = found_magazine()
    if not index.live:
        index.save_revision().publish(skip_permission_checks=True)
    issue = make_published(world.editor)
    addresses = [index.url, "/magazine/feed.rss", "/magazine/feed.atom", "/sitemap.xml", "/site/search/?q=先看水"]
    told = [client.get(path).content.decode() for path in addresses]
    assert any(issue.title in one for one in told)
    pdf = f"/magazine/pdf/{issue.pk}/"
    restrict(issue, PageViewRestriction.PASSWORD)
    for path in addresses:
        assert issue.title not in client.get(path).content.decode(), path
    assert client.get(pdf).status_code == 404
    assert client.get(issue.url).status_code == 404


@pytest.mark.parametrize("role", ["editor", "manager", "superuser"])
def test_e2_the_admin_offers_no_privacy(home: HomePage, world: World, client: Client, role: str) -> None:
    page = make_article(home, world.editor)
    user = world.manager if role != "editor" else world.editor
    if role == "superuser":
        user.is_superuser = True
        user.save()
    client.force_login(user)
    shown = client.get(f"/admin/pages/{page.pk}/edit/")
    assert shown.status_code == 200
    assert "/privacy/" not in shown.content.decode()
    assert not page.permissions_for_user(user).can_set_view_restrictions()
    address = f"/admin/pages/{page.pk}/privacy/"
    assert client.get(address).status_code == 404
    asked = {"restriction_type": "password", "password": "x"}
    assert client.post(address, asked).status_code == 404
    assert client.get("/admin/collections/").status_code == 404
    assert client.get("/admin/collections/1/privacy/").status_code == 404
    assert not PageViewRestriction.objects.exists()
