"""What comes back: delivery reports and complaints as mail servers write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from magazine.bounces import read_bounce
from magazine.factories import make_approved, make_readers
from magazine.models import Delivery, Mailing, Subscriber, Suppression
from magazine.report import report_of
from magazine.services.bouncing import SOFT_LIMIT, note_bounce
from magazine.vocabulary import BounceKind, DeliveryState, MailingState
from tests.conftest import World

KEY = "0123456789abcdef0123456789abcdef"


def report(
    key: str = KEY, *, status: str = "5.1.1", action: str = "failed", to: str = "bounces+{key}@anjuan.example.com"
) -> bytes:
    return f"""From: MAILER-DAEMON@mx.example.com
To: {to.format(key=key)}
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

It could not be delivered.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; reader@example.com
Action: {action}
Status: {status}
--x
Content-Type: text/rfc822-headers

Message-ID: <{key}@127.0.0.1>
Subject: x
--x--
""".encode()


COMPLAINT = f"""From: fbl@mail.example.com
To: abuse@anjuan.example.com
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="x"

--x
Content-Type: text/plain

Somebody complained.
--x
Content-Type: message/feedback-report

Feedback-Type: abuse
Version: 1
--x
Content-Type: message/rfc822

Message-ID: <{KEY}@127.0.0.1>
Subject: x

body
--x--
""".encode()


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        pytest.param(report(), BounceKind.HARD, id="no such mailbox"),
        pytest.param(report(status="4.2.2"), BounceKind.SOFT, id="mailbox full"),
        pytest.param(report(status="nonsense"), BounceKind.SOFT, id="no status"),
        pytest.param(report(to="bounces@anjuan.example.com"), BounceKind.HARD, id="named by the enclosed mail only"),
        pytest.param(COMPLAINT, BounceKind.COMPLAINT, id="complaint"),
    ],
)
def test_a_report_is_understood(raw: bytes, kind: BounceKind) -> None:
    found = read_bounce(raw)
    assert found
    assert (found.key, found.kind) == (KEY, kind)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(report(status="4.4.1", action="delayed"), id="only delayed"),
        pytest.param(report(status="2.0.0", action="delivered"), id="delivered"),
        pytest.param(b"From: a@example.com\nSubject: out of office\n\nback on Monday", id="absence"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe\x00garbage", id="garbage"),
    ],
)
def test_what_is_no_bounce_is_none(raw: bytes) -> None:
    assert read_bounce(raw) is None


@pytest.fixture
def sent(world: World) -> Delivery:
    (reader,) = make_readers(["reader@example.com"])
    mailing = make_approved(world.editor, world.manager, html="", text="")
    Mailing.objects.update(state=MailingState.DONE)
    edition = mailing.editions.get()
    return Delivery.objects.create(
        mailing=mailing, edition=edition, subscriber=reader, key=KEY, domain="d", state=DeliveryState.SENT
    )


def test_a_gone_address_is_written_to_no_more(sent: Delivery) -> None:
    found = read_bounce(report())
    assert found
    assert [note_bounce(found), note_bounce(found)] == [True, True]
    sent.refresh_from_db()
    assert (sent.state, sent.bounced, sent.answer) == ("sent", "hard", "5.1.1")
    assert Subscriber.objects.get().state == "stopped"
    assert list(Suppression.objects.values_list("reason", flat=True)) == ["bounced"]
    report_now = report_of(sent.mailing)
    assert (report_now.sent, report_now.bounced, report_now.complained) == (1, 1, 0)


def test_a_full_mailbox_has_more_chances(sent: Delivery) -> None:
    for _mailing in range(SOFT_LIMIT):
        assert Subscriber.objects.get().state == "active"
        Delivery.objects.update(bounced="")
        found = read_bounce(report(status="4.2.2"))
        assert found
        note_bounce(found)
    assert Subscriber.objects.get().state == "stopped"


def test_a_complaint_ends_it_at_once(sent: Delivery) -> None:
    found = read_bounce(COMPLAINT)
    assert found
    note_bounce(found)
    assert Subscriber.objects.get().state == "stopped"
    assert report_of(sent.mailing).complained == 1


def test_the_command_takes_a_folder_and_leaves_other_mail(sent: Delivery, tmp_path: Path) -> None:
    for part in ("new", "cur", "tmp"):
        (tmp_path / "box" / part).mkdir(parents=True)
    (tmp_path / "box" / "new" / "1").write_bytes(report())
    (tmp_path / "box" / "new" / "2").write_bytes(b"From: a@example.com\nSubject: hello\n\nhello")
    (tmp_path / "box" / "new" / "3").write_bytes(report("f" * 32))
    call_command("take_bounces", maildir=str(tmp_path / "box"))
    sent.refresh_from_db()
    assert sent.bounced == "hard"
    assert len([path for path in (tmp_path / "box").rglob("*") if path.is_file()]) == 2, "what is not ours stays"
