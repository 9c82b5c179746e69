"""The member magazine, from the editor's desk to the reader's mailbox and back.

`SOAK_MAILS` and `SOAK_MAIL_KILLS` raise the counts of the sending story (`make soak`: 5,000 and 10).
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import connection, connections
from django.test import Client

from magazine.addresses import Address
from magazine.factories import make_approved, make_readers
from magazine.models import Delivery, Mailing, Subscriber
from magazine.report import report_of
from magazine.services.subscribing import address_of
from magazine.vocabulary import DeliveryState, MailingState
from tests.acceptance.post_office import PostOffice, open_office
from tests.conftest import World

ROOT = Path(__file__).parent.parent.parent
MAILS = int(os.environ.get("SOAK_MAILS", "500"))
KILLS = int(os.environ.get("SOAK_MAIL_KILLS", "1"))
FAULTS = ("grey", "gone", "spam", "cut", "lost", "shut")
SECONDS = 540


def addresses(count: int) -> list[str]:
    """Of twelve each kind of fault has one; the others are ordinary."""
    kinds = [FAULTS[place % 12] if place % 12 < len(FAULTS) else "reader" for place in range(count)]
    return [f"{kind}-{place}@mail{place % 7}.example.com" for place, kind in enumerate(kinds)]


def postman(keys: Path, office: PostOffice) -> subprocess.Popen[bytes]:
    """The real process, on this test's database and keys."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cms.settings.development",
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "ANJUAN_KEYS": str(keys),
        "ANJUAN_VAR": str(keys.parent / "var"),
        "SITE_URL": site.SITE_URL,
        "MAIL_URL": f"smtp://127.0.0.1:{office.port}",
        "MAIL_FROM": "示例会刊 <news@anjuan.example.com>",
        "MAIL_BOUNCES": "bounces@anjuan.example.com",
        "MAIL_PER_DOMAIN_MINUTE": "1000000",
        "MAIL_LEASE_SECONDS": "1",
        "MAIL_LATER_MINUTES": "0,0,0,0,0",
    }
    command = [sys.executable, "manage.py", "postman", "--once"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603  our own


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_nobody_gets_it_twice(build: Callable[[], World], keys: Path) -> None:
    world = build()
    readers = make_readers(addresses(MAILS))
    mailing = make_approved(world.editor, world.manager, html="<p>示例 [[leave]]</p>", text="示例 [[leave]]\n.\n完")
    draw = random.Random(9)
    connections.close_all()
    with open_office() as office:
        begun = time.monotonic()
        for kill in range(KILLS):
            running = postman(keys, office)
            share = MAILS * (kill + draw.uniform(0.3, 0.9)) / (KILLS + 1)
            assert office.wait_for(int(share * 0.7))
            running.send_signal(signal.SIGKILL)
            running.wait(30)
        assert postman(keys, office).wait(SECONDS) == 0
        seconds = time.monotonic() - begun
    everything_adds_up(mailing, readers, office)
    print(f"{MAILS} mails, {KILLS} kills: {seconds:.1f} s, {MAILS / seconds:.0f} a second with every start")


def everything_adds_up(mailing: Mailing, readers: list[Subscriber], office: PostOffice) -> None:
    mailing.refresh_from_db()
    assert mailing.state == MailingState.DONE
    assert max(office.copies().values()) == 1
    ends = dict(mailing.deliveries.values_list("subscriber", "state"))
    assert set(ends) == {reader.pk for reader in readers}
    assert set(ends.values()) <= {DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN}
    report = report_of(mailing)
    assert report.sent + report.failed + report.unknown == report.addressed == MAILS
    by_kind = Counter((address_of(r).local.partition("-")[0], ends[r.pk]) for r in readers)
    unknown = {kind: count for (kind, end), count in by_kind.items() if end == DeliveryState.UNKNOWN}
    share = Counter(written.partition("-")[0] for written in addresses(MAILS))
    assert (unknown["cut"], unknown["lost"]) == (share["cut"], share["lost"])
    assert sum(unknown.values()) - share["cut"] - share["lost"] <= KILLS, "one at most for each kill"
    assert {kind for (kind, end) in by_kind if end == DeliveryState.FAILED} == {"gone", "spam"}
    sent = {address_of(r).spec for r in readers if ends[r.pk] == DeliveryState.SENT}
    assert sent <= set(office.copies()), "what counts as sent was taken"


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_whole_and_its_way_out_works(build: Callable[[], World], keys: Path, client: Client) -> None:
    world = build()
    reader, other = make_readers(['"two words"@mail.example.com', "reader@例子.example.com"])
    make_approved(
        world.editor, world.manager, html="<p>示例 <a href='[[leave]]'>x</a></p>", text="示例\n[[leave]]\n.\n"
    )
    connections.close_all()
    with open_office() as office:
        assert postman(keys, office).wait(60) == 0
    assert sorted(office.copies()) == ['"two words"@mail.example.com', "reader@xn--fsqu00a.example.com"]
    mail = office.mail_to("reader@xn--fsqu00a.example.com")
    assert mail["Subject"] == "示例会刊"
    assert mail["To"] == "reader@xn--fsqu00a.example.com"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    delivery = Delivery.objects.get(subscriber=other)
    sender = next(sender for sender, to, _content in office.taken if to.startswith("reader"))
    assert sender == f"bounces+{delivery.key}@anjuan.example.com"
    leave = str(mail["List-Unsubscribe"]).strip(" <>")
    plain, rich = (part.get_content() for part in mail.iter_parts())
    assert plain.splitlines() == ["示例", leave, "."]
    assert re.findall(r"href='([^']+)'", rich) == [leave]
    answer = client.post(leave.removeprefix(site.SITE_URL), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert set(Subscriber.objects.values_list("pk", "state")) == {(reader.pk, "active"), (other.pk, "left")}
    assert address_of(other) == Address("reader", "xn--fsqu00a.example.com")
