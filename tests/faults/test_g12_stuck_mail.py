"""A mail that was given up stands where an administrator sees it; none of it lies about in clear, nobody gets two."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.mail import send_mail
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from estates.models import User
from exchange.mail import mail_users
from outputs.carriers import SmtpCarrier
from outputs.models import OutgoingMail
from outputs.outgoing.sending import send_outgoing
from outputs.outgoing.settling import erase_old_mail
from tests.acceptance.post_office import PostOffice, free_port, open_office
from tests.conftest import World

SECRET = "zB3x_Y9kQmLrT2vW8nPdA5sHgF7jKc4e"


@pytest.fixture(autouse=True)
def queue(settings: Settings) -> Settings:
    settings.EMAIL_BACKEND = "outputs.outgoing.queueing.QueueBackend"
    settings.MAIL_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT, settings.EMAIL_PORT = "127.0.0.1", 3, free_port()
    settings.MAIL_LATER_MINUTES, settings.MAIL_RETRY_SECONDS = [0, 0], 0
    return settings


@pytest.fixture
def office(queue: Settings) -> Iterator[PostOffice]:
    with open_office(port=queue.EMAIL_PORT) as office:
        yield office


def post() -> None:
    with SmtpCarrier() as line:
        send_outgoing(line)


def test_g12_what_waits_is_sealed_and_what_was_delivered_is_erased(world: World, office: PostOffice) -> None:
    send_mail("示例", f"https://site.example/o/{SECRET}/", None, ["reader@example.com"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM outputs_outgoingmail")
        stored = repr(cursor.fetchall())
    assert SECRET not in stored
    assert "reader" not in stored
    post()
    row = OutgoingMail.objects.get()
    assert (row.state, bytes(row.sealed)) == ("sent", b"")
    assert SECRET in str(office.mail_to("reader@example.com").get_content())


def test_g12_staff_mail_outlives_an_absent_server(world: World, queue: Settings) -> None:
    mail_users([world.reader.pk], subject="示例通知", body="正文")
    post()
    row = OutgoingMail.objects.get()
    assert (row.state, row.attempts) == ("queued", 0)
    assert "连不上" not in row.answer
    assert row.answer
    with open_office(port=queue.EMAIL_PORT) as office:
        post()
        assert office.copies() == {world.reader.email: 1}


def test_g12_what_was_rolled_back_was_never_written(world: World) -> None:
    with transaction.atomic():
        mail_users([world.reader.pk], subject="示例通知", body="正文")
        transaction.set_rollback(True)
    assert not OutgoingMail.objects.exists()


def test_g12_a_colleague_who_left_gets_nothing_more(world: World, office: PostOffice) -> None:
    mail_users([world.reader.pk], subject="示例通知", body="正文")
    User.objects.filter(pk=world.reader.pk).update(is_active=False)
    post()
    assert (OutgoingMail.objects.get().state, office.taken) == ("dropped", [])


def test_g12_an_unheard_answer_is_not_sent_again_by_itself(world: World, office: PostOffice) -> None:
    send_mail("示例", "正文", None, ["cut-1@example.com"])
    send_mail("示例", "正文", None, ["reader@example.com"])
    for _ in range(3):
        post()
    assert office.copies() == {"cut-1@example.com": 1, "reader@example.com": 1}
    assert sorted(OutgoingMail.objects.values_list("state", flat=True)) == ["sent", "unknown"]


def test_g12_a_sender_that_died_before_the_first_byte_loses_nothing(world: World, office: PostOffice) -> None:
    send_mail("示例", "正文", None, ["a@example.com", "b@example.com"])
    long_ago = timezone.now() - timedelta(hours=1)
    first, second = OutgoingMail.objects.order_by("pk")
    OutgoingMail.objects.filter(pk=first.pk).update(state="claimed", claimed_at=long_ago)
    OutgoingMail.objects.filter(pk=second.pk).update(state="on_wire", claimed_at=long_ago)
    post()
    assert office.copies() == {"a@example.com": 1}
    second.refresh_from_db()
    assert second.state == "unknown"


def test_g12_an_administrator_sees_it_and_sends_it_again(world: World, office: PostOffice, client: Client) -> None:
    send_mail("示例主题", "正文", None, ["gone-1@example.com"])
    post()
    row = OutgoingMail.objects.get()
    assert row.state == "failed"
    client.force_login(world.manager)
    assert client.get("/operations/").status_code == 403
    assert client.post(f"/operations/mail/{row.pk}/", {"action": "again"}).status_code == 403
    row.refresh_from_db()
    assert row.state == "failed"
    User.objects.filter(pk=world.manager.pk).update(is_superuser=True)
    page = client.get("/operations/").content.decode()
    assert "示例主题" in page
    assert "g***@example.com" in page
    assert "gone-1" not in page
    assert client.get("/health/").json()["warnings"] == ["mail"]
    client.post(f"/operations/mail/{row.pk}/", {"action": "again"})
    row.refresh_from_db()
    assert row.state == "queued"
    post()
    client.post(f"/operations/mail/{row.pk}/", {"action": "drop"})
    row.refresh_from_db()
    assert (row.state, bytes(row.sealed), office.asked["gone-1@example.com"]) == ("dropped", b"", 2)


def test_g12_what_failed_is_erased_after_a_while(world: World, office: PostOffice) -> None:
    send_mail("示例", "正文", None, ["gone-1@example.com"])
    post()
    assert erase_old_mail() == 0
    assert erase_old_mail(timezone.now() + timedelta(days=15)) == 1
    assert bytes(OutgoingMail.objects.get().sealed) == b""
    assert erase_old_mail(timezone.now() + timedelta(days=90)) == 1
    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_g12_several_senders_send_each_once(office: PostOffice, settings: Settings) -> None:
    addresses = [f"reader-{number}@example.com" for number in range(30)]
    for address in addresses:
        send_mail("示例", "正文", None, [address])

    def work(_number: int) -> None:
        try:
            for _ in range(3):
                post()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    assert office.copies() == dict.fromkeys(addresses, 1)
