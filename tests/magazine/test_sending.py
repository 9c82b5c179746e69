"""The postman against a real mail server that fails: nobody gets it twice, nobody who left gets it, all adds up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from pytest_django import Settings

from magazine.factories import make_approved, make_readers
from magazine.models import Delivery, Mailing, Subscriber
from magazine.report import report_of
from magazine.services import sending
from magazine.services.errors import MagazineError
from magazine.services.preparing import approve_mailing, cancel_mailing, pause_mailing, resume_mailing
from magazine.services.sending import Round, send_mailing
from magazine.services.settling import resend_failures, settle_unknown
from magazine.services.subscribing import leave
from magazine.vocabulary import Choice, DeliveryState, MailingState
from outputs.carriers import Answer, End, SmtpCarrier
from tests.acceptance.post_office import PostOffice, free_port, open_office
from tests.conftest import World
from vault.keyring import forget_keys


@pytest.fixture
def office(settings: Settings) -> Iterator[PostOffice]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5
    settings.MAIL_PER_DOMAIN_MINUTE = 1_000
    settings.MAIL_LATER_MINUTES = [0, 0]
    with open_office() as office:
        settings.EMAIL_PORT = office.port
        yield office


def mailing_to(world: World, *addresses: str) -> Mailing:
    make_readers(addresses)
    return make_approved(world.editor, world.manager, html="<p>示例</p>", text="示例")


def run(mailing: Mailing) -> Round:
    with SmtpCarrier() as line:
        return send_mailing(mailing, line)


def states(mailing: Mailing) -> list[str]:
    return list(mailing.deliveries.order_by("pk").values_list("state", flat=True))


def test_greylisted_readers_get_it_later_and_gone_ones_fail(world: World, office: PostOffice) -> None:
    mailing = mailing_to(world, "grey-1@example.com", "gone-2@example.com", "shut-3@example.com", "reader@example.com")
    run(mailing)
    mailing.refresh_from_db()
    assert mailing.state == MailingState.DONE
    assert states(mailing) == ["sent", "failed", "sent", "sent"]
    assert dict(office.copies()) == {"grey-1@example.com": 1, "shut-3@example.com": 1, "reader@example.com": 1}
    failed = mailing.deliveries.get(state=DeliveryState.FAILED)
    assert failed.answer == "550 5.1.1 … no such mailbox", "what the server said, without the address"
    assert failed.bounced == "hard"
    assert sorted(Subscriber.objects.values_list("state", flat=True)) == ["active"] * 3 + ["stopped"]
    assert report_of(mailing).answers == (("550 5.1.1 … no such mailbox", 1),)


def test_a_reader_that_is_put_off_for_ever_fails_in_the_end(
    world: World, office: PostOffice, settings: Settings
) -> None:
    settings.MAIL_LATER_MINUTES = [0]
    mailing = mailing_to(world, "shut-1@example.com")
    Delivery.objects.all().delete()
    office.asked.clear()

    async def always_later(*_args: object) -> str:
        return "451 4.7.1 later"

    office.handle_RCPT = always_later  # type: ignore[method-assign, assignment]
    run(mailing)
    row = mailing.deliveries.get()
    assert (row.state, row.attempts, row.answer) == ("failed", 2, "451 4.7.1 later")


def test_a_line_cut_after_the_message_is_never_sent_again_by_itself(world: World, office: PostOffice) -> None:
    mailing = mailing_to(world, "cut-1@example.com", "lost-2@example.com", "reader@example.com")
    for _round in range(3):
        run(mailing)
    assert states(mailing) == ["unknown", "unknown", "sent"]
    assert office.copies()["cut-1@example.com"] == 1
    report = report_of(mailing)
    assert (report.addressed, report.sent, report.failed, report.unknown) == (3, 1, 0, 2)
    with pytest.raises(PermissionDenied):
        settle_unknown(mailing=mailing, choice=Choice.SEND_AGAIN, by=world.designer)
    first = mailing.deliveries.order_by("pk")[0]
    assert settle_unknown(mailing=mailing, choice=Choice.COUNT_AS_SENT, by=world.manager, ids=[first.pk]) == 1
    assert settle_unknown(mailing=mailing, choice=Choice.SEND_AGAIN, by=world.manager) == 1
    run(mailing)
    assert states(mailing) == ["sent", "unknown", "sent"], "lost again: a person was asked, and may be asked again"


def test_who_leaves_in_the_middle_gets_nothing(
    world: World, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing = mailing_to(world, *(f"reader-{place}@example.com" for place in range(6)))
    leaving = Subscriber.objects.order_by("pk")[3]
    carried = sending._carry

    def carry_then_leave(*args: object) -> bool:
        leave(subscriber=leaving)
        return carried(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "_carry", carry_then_leave)
    run(mailing)
    assert states(mailing) == ["sent", "sent", "sent", "left_out", "sent", "sent"]
    assert "reader-3@example.com" not in office.copies()
    report = report_of(mailing)
    assert report.sent + report.failed + report.unknown + report.left_out == report.addressed == 6


def test_a_server_that_is_away_costs_no_attempt(world: World, settings: Settings, office: PostOffice) -> None:
    mailing = mailing_to(world, "reader@example.com")
    right, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    round_ = run(mailing)
    mailing.refresh_from_db()
    assert round_.rest == timedelta(seconds=settings.MAIL_RETRY_SECONDS)
    assert mailing.state == MailingState.SENDING
    assert mailing.trouble.startswith("连不上邮件服务器：ConnectionRefusedError")
    assert mailing.deliveries.get().attempts == 0
    settings.EMAIL_PORT = right
    run(mailing)
    mailing.refresh_from_db()
    assert (mailing.state, mailing.trouble, states(mailing)) == ("done", "", ["sent"])


def test_a_server_that_refuses_the_sender_pauses_the_mailing(world: World, office: PostOffice) -> None:
    async def refuse_sender(*_args: object) -> str:
        return "550 5.7.1 who are you"

    office.handle_MAIL = refuse_sender  # type: ignore[attr-defined]
    mailing = mailing_to(world, "a@example.com", "b@example.com")
    run(mailing)
    mailing.refresh_from_db()
    assert (mailing.state, states(mailing)) == (MailingState.PAUSED, ["queued", "queued"])
    assert mailing.trouble == "邮件服务器不接受我们发信：550 5.7.1 who are you"


def test_refused_again_and_again_it_stops_by_itself(world: World, office: PostOffice) -> None:
    mailing = mailing_to(world, *(f"spam-{place}@example.com" for place in range(40)))
    run(mailing)
    mailing.refresh_from_db()
    assert mailing.state == MailingState.PAUSED
    assert states(mailing).count("failed") == sending.TOO_MANY_REFUSALS
    assert states(mailing).count("queued") == 40 - sending.TOO_MANY_REFUSALS


def test_a_domain_gets_its_share_a_minute(world: World, office: PostOffice, settings: Settings) -> None:
    settings.MAIL_PER_DOMAIN_MINUTE = 3
    crowd = [f"r{place}@crowd.example.com" for place in range(5)]
    mailing = mailing_to(world, *crowd, "alone@other.example.com")
    round_ = run(mailing)
    assert round_.rest == timedelta(seconds=2)
    assert sorted(office.copies()) == ["alone@other.example.com", *crowd[:3]]
    Delivery.objects.update(claimed_at=timezone.now() - timedelta(seconds=61))
    run(mailing)
    assert len(office.copies()) == 6
    assert max(office.copies().values()) == 1


def test_a_paused_mailing_stops_and_goes_on(world: World, office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    mailing = mailing_to(world, *(f"reader-{place}@example.com" for place in range(5)))
    carried = sending._carry

    def carry_then_pause(*args: object) -> bool:
        done = carried(*args)  # type: ignore[arg-type]
        if len(office.taken) == 2:
            pause_mailing(mailing=mailing, by=world.manager)
        return done

    monkeypatch.setattr(sending, "_carry", carry_then_pause)
    run(mailing)
    assert states(mailing) == ["sent", "sent", "queued", "queued", "queued"]
    assert run(mailing).ends == {}, "paused is paused"
    resume_mailing(mailing=mailing, by=world.manager)
    run(mailing)
    assert states(mailing) == ["sent"] * 5
    assert max(office.copies().values()) == 1


def test_what_a_dead_runner_left_claimed_is_unknown(world: World, office: PostOffice, settings: Settings) -> None:
    mailing = mailing_to(world, "a@example.com", "b@example.com")
    dead = sending.Runner(mailing, SmtpCarrier())
    assert sending._take(dead)
    row = mailing.deliveries.select_related("subscriber").order_by("pk")[0]
    assert sending._claim(dead, row)
    held = run(mailing)
    assert (held.ends, held.rest) == ({}, timedelta(seconds=120)), "the other runner still counts as alive"
    Mailing.objects.update(runner_seen_at=timezone.now() + timedelta(hours=1))
    run(mailing)
    assert states(mailing) == ["unknown", "sent"], "also when the clock was set back"
    sending._settle(row, Answer(End.SENT, "250 ok"))
    assert states(mailing) == ["sent", "sent"], "it was only slow: the answer that it saw counts"


def test_an_hour_to_come_is_waited_for(world: World, office: PostOffice) -> None:
    mailing = mailing_to(world, "a@example.com")
    Mailing.objects.update(scheduled_for=timezone.now() + timedelta(hours=1))
    run(mailing)
    assert (Mailing.objects.get().state, mailing.deliveries.count()) == (MailingState.APPROVED, 0)
    cancel_mailing(mailing=mailing, by=world.manager)
    Mailing.objects.update(scheduled_for=timezone.now())
    run(mailing)
    assert (Mailing.objects.get().state, office.taken) == (MailingState.CANCELLED, [])


def test_only_failures_are_sent_again(world: World, office: PostOffice) -> None:
    mailing = mailing_to(world, "gone-1@example.com", "spam-2@example.com", "reader@example.com")
    run(mailing)
    assert states(mailing) == ["failed", "failed", "sent"]
    with pytest.raises(PermissionDenied):
        resend_failures(mailing=mailing, by=world.designer)
    assert resend_failures(mailing=mailing, by=world.manager) == 1, "not to a mailbox that is not there"
    with pytest.raises(MagazineError, match="请等发送结束"):
        resend_failures(mailing=mailing, by=world.manager)
    run(mailing)
    assert states(mailing) == ["failed", "failed", "sent"]
    assert office.copies() == {"reader@example.com": 1}


def test_approval_takes_a_second_person(world: World, build: Callable[[], World]) -> None:
    mailing = make_approved(world.manager, world.manager, html="", text="")
    Mailing.objects.update(state=MailingState.PREPARED, approved_by=None, scheduled_for=None)
    with pytest.raises(PermissionDenied):
        approve_mailing(mailing=mailing, by=world.editor)
    with pytest.raises(MagazineError, match="两个人"):
        approve_mailing(mailing=mailing, by=world.manager)
    assert Mailing.objects.get().state == MailingState.PREPARED


def test_an_address_that_cannot_be_opened_holds_up_nobody(world: World, office: PostOffice) -> None:
    mailing = mailing_to(world, "a@example.com", "b@example.com", "c@example.com")
    spoiled = Subscriber.objects.order_by("pk")[1]
    Subscriber.objects.filter(pk=spoiled.pk).update(sealed=b"spoiled")
    run(mailing)
    assert states(mailing) == ["sent", "failed", "sent"]
    assert mailing.deliveries.get(subscriber=spoiled).answer == "地址打不开"


def test_without_the_keys_it_waits(world: World, office: PostOffice, settings: Settings, keys: Path) -> None:
    mailing = mailing_to(world, "a@example.com")
    right, settings.KEYS_ROOT = settings.KEYS_ROOT, keys.parent / "elsewhere"
    forget_keys()
    run(mailing)
    mailing.refresh_from_db()
    assert (mailing.state, states(mailing), bool(mailing.trouble)) == (MailingState.SENDING, ["queued"], True)
    settings.KEYS_ROOT = right
    forget_keys()
    run(mailing)
    assert states(mailing) == ["sent"]
