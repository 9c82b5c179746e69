"""An undone import leaves every reader as before, but for what the reader did since."""

from __future__ import annotations

from django.db import connection

from exchange.import_report import kept_of
from exchange.importing import begin, check_batch, go_on, start_batch
from exchange.models import ImportBatch
from magazine.addresses import parse_address
from magazine.factories import make_readers
from magazine.models import Subscriber, Suppression
from magazine.services.subscribing import Wishes, ask_to_subscribe, confirm_subscription, leave
from tests.conftest import World

HEAD = "邮箱,同意日期,同意的依据,楼盘"
KEPT = ("subscriber", "suppression")


def imported(world: World, *rows: str) -> ImportBatch:
    batch = start_batch(by=world.manager, kind="subscribers", options={}, content="\n".join([HEAD, *rows]).encode())
    check_batch(batch)
    go_on(begin(by=world.manager, batch=batch, state=ImportBatch.State.WRITING))
    return batch


def undo(world: World, batch: ImportBatch) -> None:
    batch.refresh_from_db()
    go_on(begin(by=world.manager, batch=batch, state=ImportBatch.State.UNDOING))


def tables() -> dict[str, list[tuple[object, ...]]]:
    with connection.cursor() as cursor:
        names = [one for one in connection.introspection.table_names(cursor) if one.startswith("magazine_")]
        told = {}
        for name in names:
            cursor.execute(f'SELECT * FROM "{name}"')
            told[name] = sorted(cursor.fetchall(), key=repr)
    return told


def asked(address: str) -> Subscriber:
    row = ask_to_subscribe(
        address=parse_address(address), wishes=Wishes(estates=[], interests=["magazine"]), consent="网站登记"
    )
    assert row is not None
    return row


def test_e18_table_by_table_everything_is_as_before(world: World) -> None:
    make_readers(["old@example.com"], consent="网站登记")
    asked("waiting@example.com")
    gone = asked("gone@example.com")
    leave(subscriber=gone)
    before = tables()
    rows = [f"{name}@example.com,2026-10-01,登记表 1,云栖湾" for name in ("new", "old", "waiting", "gone")]
    batch = imported(world, *rows)
    assert Subscriber.objects.filter(state="active", consent="登记表 1").count() == 2
    undo(world, batch)
    assert tables() == before
    assert kept_of(batch) == []


def test_e18_who_left_meanwhile_has_left(world: World) -> None:
    waiting = asked("waiting@example.com")
    batch = imported(world, "waiting@example.com,2026-10-01,登记表 1,", "new@example.com,2026-10-01,登记表 2,")
    for one in Subscriber.objects.all():
        leave(subscriber=one)
    undo(world, batch)
    left = Subscriber.objects.get()
    assert (left.pk, left.state, left.consent, left.consented_at) == (waiting.pk, "left", "网站登记", None)
    assert Suppression.objects.count() == 2


def test_e18_a_consent_that_the_reader_gave_since_then_stays(world: World) -> None:
    batch = imported(world, "new@example.com,2026-10-01,登记表 2,")
    leave(subscriber=Subscriber.objects.get())
    again = asked("new@example.com")
    confirm_subscription(key=again.key)
    undo(world, batch)
    own = Subscriber.objects.get()
    assert (own.state, own.consent) == ("active", "网站登记")
    assert [words for _row, words in kept_of(batch)] == ["这个邮箱的同意是后来另给的，保留"]
