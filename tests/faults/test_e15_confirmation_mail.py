"""The confirmation of a subscription, and every other mail, through one queue that does not give up at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.core.mail import send_mail
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from estates.models import Estate
from magazine.models import Subscriber
from magazine.vocabulary import Interest, SubscriberState
from tests.acceptance.post_office import PostOffice, free_port, open_office
from tests.conftest import World

QUEUE = "outputs.outgoing.queueing.QueueBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture(autouse=True)
def mail_settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """As in use: mail goes to a mail server."""
    monkeypatch.setattr("magazine.management.commands.postman.close_old_connections", lambda: None)  # one transaction
    monkeypatch.setattr("magazine.management.commands.postman.LOOK_EVERY", 0.1)
    settings.EMAIL_BACKEND, settings.MAIL_TRANSPORT = QUEUE, SMTP
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT, settings.EMAIL_PORT = "127.0.0.1", 3, free_port()
    settings.MAIL_LATER_MINUTES, settings.MAIL_RETRY_SECONDS = [0, 0], 1
    return settings


@pytest.fixture
def office(mail_settings: Settings) -> Iterator[PostOffice]:
    with open_office(port=mail_settings.EMAIL_PORT) as office:
        yield office


def ask(address: str) -> str:
    wanted = {"address": address, "interests": Interest.values, "consent": "on", "website": ""}
    answer = Client().post("/magazine/subscribe/", wanted)
    assert answer.status_code == 200
    return answer.content.decode()


def link_in(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part
    found = re.search(r"http://[^\s]+(/magazine/confirm/[^\s]+)", part.get_content())
    assert found
    return found[1]


def test_e15_a_greylisted_confirmation_comes_later(world: World, office: PostOffice) -> None:
    assert "请查收邮件" in ask("grey-1@example.com")
    call_command("postman", once=True)
    assert (office.asked["grey-1@example.com"], office.copies()) == (2, {"grey-1@example.com": 1})
    Client().post(link_in(office.mail_to("grey-1@example.com")))
    assert Subscriber.objects.get().state == SubscriberState.ACTIVE


def test_e15_a_confirmation_waits_for_a_server_that_is_down(world: World, mail_settings: Settings) -> None:
    ask("reader@example.com")
    assert Subscriber.objects.count() == 1
    with open_office(port=mail_settings.EMAIL_PORT) as office:
        call_command("postman", once=True)
        assert office.copies() == {"reader@example.com": 1}


def test_e15_a_strict_server_finds_its_headers(world: World, office: PostOffice) -> None:
    ask("reader@example.com")
    call_command("postman", once=True)
    message = office.mail_to("reader@example.com")
    assert re.fullmatch(r"<[0-9a-f]{32}@127\.0\.0\.1>", str(message["Message-ID"]))
    assert (message["Auto-Submitted"], len(message.get_all("Date", []))) == ("auto-generated", 1)
    content = office.taken[0][2]
    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_e15_the_first_link_holds_after_a_second_request(
    world: World, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("magazine.services.subscribing.ASK_AGAIN_AFTER", timedelta(-1))
    ask("reader@example.com")
    ask("reader@example.com")
    call_command("postman", once=True)
    assert office.copies() == {"reader@example.com": 2}
    Client().post(link_in(office.mail_to("reader@example.com")))
    assert Subscriber.objects.get().state == SubscriberState.ACTIVE


def test_e15_mail_of_djangos_own_goes_the_same_way(world: World, office: PostOffice) -> None:
    send_mail("重置密码", f"链接 {'长' * 400}", None, ["grey-2@example.com"])
    call_command("postman", once=True)
    message = office.mail_to("grey-2@example.com")
    assert str(message["Subject"]) == "重置密码"
    assert "链接 长长" in message.get_content()
    assert office.taken[0][2].isascii()
    assert len(message.get_all("Message-ID", [])) == 1
    assert Estate.objects.count() == 2
