"""Readers sign up, confirm, choose and leave; who left stays left."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from estates.models import Estate
from magazine.addresses import parse_address
from magazine.factories import make_readers
from magazine.models import Subscriber, Suppression
from magazine.services.subscribing import (
    Wishes,
    address_of,
    address_token,
    ask_to_subscribe,
    confirm_subscription,
    forget_subscribers,
    forget_unconfirmed,
    leave,
)
from magazine.vocabulary import Interest, SubscriberState
from tests.conftest import World

WANTED = {"address": "reader@example.com", "interests": Interest.values, "consent": "on", "website": ""}


def link_in_mail(kind: str) -> str:
    body = mail.outbox[-1].message().get_body(("plain",))
    assert body
    found = re.search(rf"http://[^\s]+(/magazine/{kind}/[^\s]+)", body.get_content())
    assert found
    return found[1]


def test_sign_up_confirm_choose_and_leave(world: World, client: Client) -> None:
    answer = client.post("/magazine/subscribe/", WANTED)
    assert "请查收邮件" in answer.content.decode()
    row = Subscriber.objects.get()
    assert (row.state, row.source, row.consented_at) == (SubscriberState.PENDING, "web", None)
    assert b"reader" not in bytes(row.sealed)
    assert address_of(row).spec == "reader@example.com"
    confirm = link_in_mail("confirm")
    assert client.get(confirm).status_code == 200
    row.refresh_from_db()
    assert row.state == SubscriberState.PENDING, "a programme that opens links confirms nothing"
    assert "订阅成功" in client.post(confirm).content.decode()
    row.refresh_from_db()
    assert row.state == SubscriberState.ACTIVE
    assert row.consented_at is not None
    wishes = f"/magazine/wishes/{row.key}/"
    assert client.post(wishes, {"interests": ["notices"], "estates": [world.estate.pk]}).status_code == 200
    row.refresh_from_db()
    assert (row.interests, list(row.estates.all())) == (["notices"], [world.estate])
    assert client.post(wishes, {"interests": []}).status_code == 422
    leaving = f"/magazine/leave/{row.key}/"
    assert client.get(leaving).status_code == 200
    row.refresh_from_db()
    assert row.state == SubscriberState.ACTIVE, "opening the page is not leaving"
    assert client.post(leaving).status_code == 200
    row.refresh_from_db()
    assert (row.state, Suppression.objects.get().token) == (SubscriberState.LEFT, row.token)
    assert client.post(wishes, {"interests": ["notices"]}).status_code == 410


def test_nobody_learns_who_subscribes(world: World, client: Client) -> None:
    make_readers(["reader@example.com"])
    first = client.post("/magazine/subscribe/", WANTED)
    other = client.post("/magazine/subscribe/", WANTED | {"address": "nobody@example.com"})
    assert first.content == other.content
    assert [m.to for m in mail.outbox] == [["nobody@example.com"]], "asked a moment ago: no second mail"
    Subscriber.objects.update(asked_at=timezone.now() - timedelta(hours=1))
    client.post("/magazine/subscribe/", WANTED | {"interests": ["notices"]})
    assert mail.outbox[-1].subject == "您已订阅会刊"
    assert Subscriber.objects.get(token=address_token(parse_address("reader@example.com"))).interests == Interest.values


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param(
            {"address": "a@b\r\nBcc: c@d.com"}, "邮箱地址里有换行或控制字符，请重新填写一个地址。", id="smuggling"
        ),
        pytest.param({"address": "reader"}, "请填写邮箱地址，例如 name@example.com。", id="no address"),
        pytest.param({"consent": ""}, "订阅需要您的同意，请勾选。", id="no consent"),
        pytest.param({"interests": []}, "请至少选一样；都不想收，请用下面的退订。", id="nothing wanted"),
    ],
)
def test_bad_input_is_answered_and_kept(world: World, client: Client, changes: dict[str, object], told: str) -> None:
    answer = client.post("/magazine/subscribe/", WANTED | changes)
    assert (answer.status_code, Subscriber.objects.count(), mail.outbox) == (422, 0, [])
    assert told in answer.content.decode()


def test_a_programme_that_fills_the_hidden_field_gets_the_same_answer(world: World, client: Client) -> None:
    assert client.post("/magazine/subscribe/", WANTED | {"website": "x"}).status_code == 200
    assert (Subscriber.objects.count(), mail.outbox) == (0, [])


def test_one_place_cannot_sign_up_the_town(world: World, client: Client) -> None:
    for place in range(30):
        client.post("/magazine/subscribe/", WANTED | {"address": f"r{place}@example.com"})
    answer = client.post("/magazine/subscribe/", WANTED | {"address": "last@example.com"})
    assert answer.status_code == 422
    assert "从这里登记得太多了，请过一小时再试。" in answer.content.decode()
    assert Subscriber.objects.count() == 30


def test_an_unconfirmed_address_is_forgotten(world: World, client: Client) -> None:
    row = ask_to_subscribe(address=parse_address("a@example.com"), wishes=Wishes(), consent="")
    assert row
    Subscriber.objects.update(asked_at=timezone.now() - timedelta(days=8))
    assert confirm_subscription(key=row.key) is None
    assert client.post(f"/magazine/confirm/{row.key}/").status_code == 410
    assert (forget_unconfirmed(), Subscriber.objects.count()) == (1, 0)


def test_an_erased_reader_who_left_stays_left_until_he_says_otherwise(world: World) -> None:
    (row,) = make_readers(["a@example.com"])
    leave(subscriber=row)
    forget_subscribers([row])
    assert list(Suppression.objects.values_list("token", "reason")) == [(row.token, "left")]
    again = ask_to_subscribe(address=parse_address("A@example.com"), wishes=Wishes(), consent="")
    assert again
    assert Suppression.objects.exists()
    confirm_subscription(key=again.key)
    assert not Suppression.objects.exists()


def test_wishes_decide_who_is_written_to(world: World) -> None:
    everything, here, elsewhere = make_readers([f"{n}@example.com" for n in "abc"])
    here.estates.set([world.estate])
    elsewhere.estates.set([world.other_estate])
    Subscriber.objects.filter(pk=elsewhere.pk).update(wants_activities=False)
    active = Subscriber.objects.active()
    ids = [world.estate.pk]
    assert set(active.wanting(estates=ids, interests=[])) == {everything, here}
    assert set(active.wanting(estates=[], interests=["activities"])) == {everything, here}
    assert set(active.wanting(estates=[], interests=[])) == {everything, here, elsewhere}
    assert Estate.objects.count() == 2
