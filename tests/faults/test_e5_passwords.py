"""E5: forgotten passwords, changed passwords, and people without a mailbox; in the workbench, for all staff."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from estates.factories import SAMPLE_PASSWORD
from estates.models import Attempt, User
from tests.conftest import World

NEW = "新的-长密码-2026"
LINK = re.compile(r'http\S+?(/password/new/[^\s"<]+)')


def signed_in(user: User) -> Client:
    client = Client()
    assert client.post("/login/", {"username": user.username, "password": SAMPLE_PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/work/").status_code == 200


def set_by_link(path: str, password: str = NEW) -> int:
    """What a browser gets for the form that the link shows."""
    client = Client()
    shown = client.get(path, follow=True)
    if "new_password1" not in shown.content.decode():
        return 0
    address = shown.redirect_chain[-1][0]
    return client.post(address, {"new_password1": password, "new_password2": password}).status_code


def link_for(written: str) -> str:
    mail.outbox.clear()
    assert Client().post("/password/forgotten/", {"written": written}).status_code == 302
    found = LINK.search(str(mail.outbox[0].body))
    assert found
    return found[1]


def test_e5_staff_without_admin_change_their_password(world: World) -> None:
    here, elsewhere = signed_in(world.designer), signed_in(world.designer)
    assert "/password/change/" in here.get("/work/").content.decode()
    asked = {"old_password": "falsch", "new_password1": NEW, "new_password2": NEW}
    assert here.post("/password/change/", asked).status_code == 422
    asked["old_password"] = SAMPLE_PASSWORD
    assert here.post("/password/change/", asked | {"new_password1": "kurz", "new_password2": "kurz"}).status_code == 422
    same = {"new_password1": SAMPLE_PASSWORD, "new_password2": SAMPLE_PASSWORD}
    assert here.post("/password/change/", asked | same).status_code == 422
    assert User.objects.get(pk=world.designer.pk).check_password(SAMPLE_PASSWORD)
    assert here.post("/password/change/", asked).status_code == 302
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert User.objects.get(pk=world.designer.pk).check_password(NEW)


def test_e5_a_link_by_mail_works_once_and_ends_other_sessions(world: World, settings: Settings) -> None:
    settings.SITE_URL = "https://archive.example"
    elsewhere = signed_in(world.designer)
    path = link_for(world.designer.email)
    assert "https://archive.example/password/new/" in str(mail.outbox[0].body)
    assert mail.outbox[0].to == [world.designer.email]
    assert set_by_link(path) == 302
    assert User.objects.get(pk=world.designer.pk).check_password(NEW)
    assert not is_in(elsewhere)
    assert set_by_link(path, "noch-ein-anderes-1") == 0
    assert User.objects.get(pk=world.designer.pk).check_password(NEW)


def test_e5_the_mail_speaks_the_language_of_who_gets_it(world: World) -> None:
    User.objects.filter(pk=world.designer.pk).update(language="en")
    Client(headers={"Accept-Language": "zh-hans"}).post("/password/forgotten/", {"written": world.designer.username})
    assert mail.outbox[0].subject == "Set a new password for Anjuan"
    assert "can be used once" in str(mail.outbox[0].body)
    mail.outbox.clear()
    Client(headers={"Accept-Language": "en"}).post("/password/forgotten/", {"written": world.engineer.username})
    assert mail.outbox[0].subject == "设置案卷的新密码"


def test_e5_nobody_learns_which_accounts_there_are(world: World) -> None:
    User.objects.filter(pk=world.engineer.pk).update(is_active=False)
    answers = set()
    for written in (world.designer.email, "nobody@example.invalid", world.engineer.username, "'; --", "x" * 254):
        answer = Client().post("/password/forgotten/", {"written": written}, follow=True)
        page = re.sub(r'value="[^"]{64}"', "", answer.content.decode())
        answers.add((answer.status_code, tuple(answer.redirect_chain), page))
    assert len(answers) == 1
    assert len(mail.outbox) == 1


def test_e5_asked_too_often(world: World) -> None:
    statuses = [
        Client().post("/password/forgotten/", {"written": world.designer.username}).status_code for _ in range(6)
    ]
    assert statuses == [302] * 6, "the account's limit is not told"
    assert len(mail.outbox) == 3
    answers = [Client().post("/password/forgotten/", {"written": f"n{n}"}).status_code for n in range(20)]
    assert answers[-1] == 429
    Attempt.objects.update(at=timezone.now() - timedelta(hours=2))
    assert Client().post("/password/forgotten/", {"written": world.designer.username}).status_code == 302
    assert len(mail.outbox) == 4
    assert not Attempt.objects.filter(subject__contains="designer").exists()


def test_e5_a_shut_account_has_no_link(world: World) -> None:
    path = link_for(world.designer.username)
    User.objects.filter(pk=world.designer.pk).update(is_active=False)
    assert set_by_link(path) == 0
    for path in ("/password/new/x/y/", "/password/new/OTk5OTk5OTk5OTk5OTk5OTk5OTk5/y/"):
        assert Client().get(path).status_code == 200


def test_e5_locked_out_one_recovers_and_signs_in(world: World, settings: Settings) -> None:
    settings.AXES_ENABLED = True
    client = Client()
    wrong = {"username": world.designer.username, "password": "falsch"}
    answers = [client.post("/login/", wrong) for _ in range(9)]
    assert answers[-1].status_code == 429
    assert "/password/forgotten/" in answers[-1].content.decode()
    assert set_by_link(link_for(world.designer.username)) == 302
    assert client.post("/login/", {**wrong, "password": NEW}).status_code == 302


@pytest.fixture
def keeper(world: World) -> User:
    user = world.manager
    user.is_superuser = True
    user.save()
    return user


def test_e5_an_administrator_gives_a_link_to_whom_has_no_mailbox(world: World, keeper: User) -> None:
    User.objects.filter(pk=world.designer.pk).update(email="")
    session = signed_in(world.designer)
    address = f"/password/link/{world.designer.pk}/"
    for user in (world.editor, world.designer):
        assert signed_in(user).post(address).status_code == 403
    assert is_in(session)
    admin = signed_in(keeper)
    assert address in admin.get("/admin/users/").content.decode()
    assert "/password/new/" not in admin.get(address).content.decode()
    first, second = (LINK.search(admin.post(address).content.decode()) for _ in range(2))
    assert first
    assert second
    assert not is_in(session)
    assert set_by_link(first[1]) == 0, "an earlier link is dead"
    assert set_by_link(second[1]) == 302
    assert User.objects.get(pk=world.designer.pk).check_password(NEW)


def test_e5_a_given_password_is_changed_first(world: World, keeper: User) -> None:
    admin = signed_in(keeper)
    fields = {
        "username": "neu",
        "email": "neu@example.invalid",
        "first_name": "示例",
        "last_name": "新",
        "is_active": "on",
    }
    made = admin.post("/admin/users/new/", fields | {"password1": "gegeben-12345", "password2": "gegeben-12345"})
    assert made.status_code == 302
    user = User.objects.get(username="neu")
    assert user.must_change_password
    client = Client()
    client.post("/login/", {"username": "neu", "password": "gegeben-12345"})
    assert client.get("/work/").headers["Location"] == "/password/change/"
    assert client.get("/search/").headers["Location"] == "/password/change/"
    asked = {"old_password": "gegeben-12345", "new_password1": NEW, "new_password2": NEW}
    assert client.post("/password/change/", asked).status_code == 302
    assert is_in(client)
    again = admin.post(
        f"/admin/users/edit/{user.pk}/", fields | {"password1": "anders-12345", "password2": "anders-12345"}
    )
    assert again.status_code == 302
    assert not is_in(client)
    assert User.objects.get(pk=user.pk).must_change_password


def test_e5_the_admin_has_no_second_door(world: World) -> None:
    for path in ("/admin/password_reset/", "/admin/password_reset/confirm/x/y/"):
        assert Client().get(path).headers["Location"].startswith("/login/")
        assert signed_in(world.manager).get(path).status_code == 404
    assert Client().get("/admin/login/?next=/admin/").headers["Location"] == "/login/?next=/admin/"
