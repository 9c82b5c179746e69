"""The newsletter to the departments: each gets the new lessons that he may read, by his trades, once a period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client

from casebook.models import CasePage
from magazine.models import Delivery, DigestWish, Mailing
from magazine.models.digests import Rhythm
from magazine.rendering.mail_rules import mail_problems
from magazine.services.digesting import periods_ended, send_digests
from magazine.services.sending import send_due
from outputs.carriers import BackendCarrier
from tests.conftest import World

MONDAY = date(2026, 11, 23)
LAST_WEEK = datetime(2026, 11, 18, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def lesson(published_case: Callable[..., CasePage]) -> CasePage:
    case = published_case(title="3栋2单元1201窗台渗水", lesson="窗台外坡不小于5%。")
    CasePage.objects.filter(pk=case.pk).update(first_published_at=LAST_WEEK)
    mail.outbox.clear()
    return case


def post() -> list[str]:
    with BackendCarrier() as line:
        list(send_due(line))
    return sorted(to for message in mail.outbox for to in message.to)


def test_designers_get_the_weeks_lessons_once(world: World, lesson: CasePage) -> None:
    assert send_digests(MONDAY) == 2
    assert send_digests(MONDAY + timedelta(days=2)) == 0, "the week is told already"
    assert post() == ["designer@example.invalid", "reader@example.invalid"], (
        "not engineering: it is not in their library"
    )
    message = mail.outbox[0].message()
    assert message["Subject"] == "新经验简报 2026-11-16–11-22"
    assert "List-Unsubscribe" not in message
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    for part in (text, html):
        assert "某户窗台渗水" in part
        assert "3栋2单元1201" not in part
        assert f"/c/{lesson.number}/" in part
        assert "/magazine/digest/" in part
    assert mail_problems(html) == []
    assert Mailing.objects.get().editions.count() == 1, "the same lessons, one edition"
    assert post() == ["designer@example.invalid", "reader@example.invalid"], "and not again"


def test_a_colleague_chooses_rhythm_and_trades(world: World, lesson: CasePage, client: Client) -> None:
    client.force_login(world.designer)
    assert client.post("/magazine/digest/", {"rhythm": "month", "disciplines": []}).status_code == 302
    DigestWish.objects.create(user=world.reader, rhythm=Rhythm.WEEK, disciplines=["electrical"])
    assert send_digests(MONDAY) == 0, "one monthly, the other of another trade"
    assert send_digests(date(2026, 12, 1)) == 1
    assert Delivery.objects.get().colleague == world.designer
    assert Mailing.objects.get().subject == "新经验简报 2026-11"
    client.force_login(world.editor)
    assert client.get("/magazine/digest/").status_code == 403


def test_a_digest_is_on_no_public_page(world: World, lesson: CasePage, client: Client) -> None:
    send_digests(MONDAY)
    edition = Mailing.objects.get().editions.get()
    assert client.get(f"/magazine/copy/{edition.key}/").status_code == 404


def test_who_left_the_company_gets_none(world: World, lesson: CasePage) -> None:
    send_digests(MONDAY)
    world.reader.is_active = False
    world.reader.save()
    assert post() == ["designer@example.invalid"]
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["left_out", "sent"]


def test_the_last_whole_week_and_month_are_told() -> None:
    week, month = periods_ended(date(2027, 1, 1))
    assert (week.first, week.last) == (date(2026, 12, 21), date(2026, 12, 27))
    assert (month.first, month.last) == (date(2026, 12, 1), date(2026, 12, 31))
