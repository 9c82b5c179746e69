"""E6: no button of the admin leads to a page that is not there; an account with records is shut, not deleted."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from casebook.factories import make_draft
from estates.factories import SAMPLE_PASSWORD, make_person, make_user
from estates.models import User
from estates.roles import Role
from tests.conftest import World
from tests.magazine.conftest import make_published
from tests.website.test_website import make_article
from website.services.founding import found_website

LINKS = re.compile(r'(?:href|action|data-url|hx-get|src)="(/[^"#]*)')
STARTS = ["/admin/", "/admin/account/", "/work/"]
MOST = 220


@pytest.fixture
def keeper(world: World) -> User:
    user = make_user("keeper")
    user.is_superuser = True
    user.save()
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_e6_lists_have_no_bulk_buttons(world: World, keeper: User) -> None:
    home = found_website()
    make_article(home, world.editor)
    for path in (f"/admin/pages/{home.pk}/", "/admin/pages/search/?q=采暖", "/admin/users/"):
        for user in (world.manager, keeper):
            told = signed_in(user).get(path, follow=True).content.decode()
            assert "/bulk/" not in told, path
            assert "data-bulk-action-checkbox" not in told
            assert "data-bulk-action-select-all-checkbox" not in told
            assert ("bulk-actions.js" in told) == ("data-bulk-action-footer" in told), "its script looks for the bar"
    assert signed_in(keeper).get("/admin/bulk/wagtailcore/page/delete/?id=1").status_code == 404


def test_e6_an_account_with_records_is_shut_and_says_why(world: World, keeper: User) -> None:
    case = make_draft(world.editor, world.estate, world.company.design)
    case.locked, case.locked_by, case.locked_at = True, world.editor, timezone.now()
    case.save()
    session = Client()
    assert session.post("/login/", {"username": "editor", "password": SAMPLE_PASSWORD}).status_code == 302
    admin, address = signed_in(keeper), f"/admin/users/delete/{world.editor.pk}/"
    shown = admin.get(address)
    assert shown.status_code == 200
    assert "停用账号" in shown.content.decode()
    refused = admin.post(address)
    assert refused.status_code == 422
    assert "留有记录，不能删除" in refused.content.decode()
    assert User.objects.get(pk=world.editor.pk).is_active
    assert session.get("/work/").status_code == 200
    assert admin.post(address, {"deactivate": "1"}).status_code == 302
    assert not User.objects.get(pk=world.editor.pk).is_active
    assert session.get("/work/").status_code == 302
    case.refresh_from_db()
    assert (case.locked, case.owner) == (False, world.editor)
    User.objects.filter(pk=world.editor.pk).update(is_active=True)
    assert session.get("/work/").status_code == 302, "opened again, old sessions stay ended"


def test_e6_shut_in_the_form_is_shut_as_well(world: World, keeper: User) -> None:
    session = signed_in(world.designer)
    fields = {"username": "designer", "email": "d@example.invalid", "first_name": "示例", "last_name": "丁"}
    assert signed_in(keeper).post(f"/admin/users/edit/{world.designer.pk}/", fields).status_code == 302
    assert not User.objects.get(pk=world.designer.pk).is_active
    User.objects.filter(pk=world.designer.pk).update(is_active=True)
    assert session.get("/work/").status_code == 302


def test_e6_an_account_that_did_nothing_is_deleted(world: World, keeper: User) -> None:
    idle = make_user("idle")
    admin = signed_in(keeper)
    assert admin.post(f"/admin/users/delete/{idle.pk}/").status_code == 302
    assert not User.objects.filter(pk=idle.pk).exists()
    assert admin.post(f"/admin/users/delete/{keeper.pk}/", {"deactivate": "1"}).status_code in (302, 403)
    assert User.objects.get(pk=keeper.pk).is_active


@pytest.mark.parametrize("role", ["editor", "manager", "archivist", "superuser"])
def test_e6_no_link_of_the_admin_leads_nowhere(world: World, keeper: User, role: str) -> None:
    make_draft(world.editor, world.estate, world.company.design)
    home = found_website()
    make_article(home, world.editor)
    make_published(world.editor)
    archivist = make_person("archivist", Role.ARCHIVIST, department=world.company.service)
    user = {"editor": world.editor, "manager": world.manager, "archivist": archivist, "superuser": keeper}[role]
    client = Client(raise_request_exception=False)
    client.force_login(user)
    waiting, seen = list(STARTS), set(STARTS)
    broken: list[str] = []
    led: dict[str, str] = {}
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        answer = client.get(path)
        if answer.status_code >= 400:
            broken.append(f"{path}: {answer.status_code} from {led.get(path)}")
        if answer.status_code == 302 and answer.headers["Location"] == "/admin/" and path != "/admin/login/":
            broken.append(f"{path}: refused from {led.get(path)}")
        if answer.status_code != 200 or answer.streaming or "html" not in answer.headers["Content-Type"]:
            continue
        for found in LINKS.findall(answer.content.decode()):
            link = found.replace("&amp;", "&")
            kind = re.sub(r"\d+", "0", link.partition("?")[0])
            if link.startswith("/admin/") and "logout" not in link and kind not in seen:
                seen.add(kind)
                led[link] = path
                waiting.append(link)
    assert broken == []
