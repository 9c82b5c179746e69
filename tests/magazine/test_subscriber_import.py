"""Readers by table: with proof of consent, never against the will of one who left."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from estates.models import User
from exchange.importing import begin, check_batch, go_on, start_batch
from exchange.models import ImportBatch
from magazine.factories import make_approved, make_readers
from magazine.models import Delivery, Subscriber
from magazine.services.subscribing import address_of, forget_subscribers, leave
from tests.conftest import World
from vault.data_keys import KeyDestroyed, key_of

HEAD = "邮箱,同意日期,同意的依据,楼盘"


def imported(by: User, *rows: str, write: bool = True) -> ImportBatch:
    batch = start_batch(by=by, kind="subscribers", options={}, content="\n".join([HEAD, *rows]).encode())
    check_batch(batch)
    batch.refresh_from_db()
    if write:
        go_on(begin(by=by, batch=batch, state=ImportBatch.State.WRITING))
        batch.refresh_from_db()
    return batch


def problems(batch: ImportBatch) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.code) for chunk in batch.chunks.all() for one in chunk.found]


def test_readers_come_with_their_consent(world: World) -> None:
    batch = imported(
        world.manager, "a@example.com,2026-10-01,登记表 18,云栖湾、HTY", "b@example.com,2026/10/2,合同第 9 条,"
    )
    assert problems(batch) == []
    first, second = Subscriber.objects.order_by("pk")
    assert (first.state, first.source, first.consent, f"{first.consented_at:%Y-%m}") == (
        "active",
        "import",
        "登记表 18",
        "2026-09",  # midnight in Shanghai, told in UTC
    )
    assert {estate.code for estate in first.estates.all()} == {"YLW", "HTY"}
    assert address_of(second).spec == "b@example.com"
    assert b"example" not in bytes(second.sealed)


def test_what_is_wrong_is_named_and_nothing_of_it_written(world: World) -> None:
    batch = imported(
        world.manager,
        "no address,2026-10-01,登记表 1,",
        "a@example.com,2026-10-01,登记表 2,",
        "A@Example.com,2026-10-01,登记表 3,",
        "c@example.com,,登记表 4,",
        "d@example.com,2999-01-01,登记表 5,",
        "e@example.com,2026-10-01,,",
        "f@example.com,2026-10-01,登记表 7,没有这个楼盘",
    )
    assert problems(batch) == [
        (2, "address", "address"),
        (4, "address", "twice"),
        (5, "consented_on", "day_missing"),
        (6, "consented_on", "day_future"),
        (7, "proof", "proof_missing"),
        (8, "estates", "estate"),
    ]
    assert [address_of(row).spec for row in Subscriber.objects.all()] == ["a@example.com"]


def test_who_left_is_not_brought_back_even_after_erasure(world: World) -> None:
    left, erased = make_readers(["left@example.com", "erased@example.com"])
    for row in (left, erased):
        leave(subscriber=row)
    forget_subscribers([erased])
    rows = [f"{name}@example.com,2026-11-01,新登记表," for name in ("left", "ERASED", "new")]
    batch = imported(world.manager, *rows)
    assert problems(batch) == [(2, "address", "left"), (3, "address", "left")]
    assert sorted(Subscriber.objects.values_list("state", flat=True)) == ["active", "left"]


def test_who_reads_already_is_known_and_keeps_his_own_consent(world: World) -> None:
    make_readers(["a@example.com"], consent="网站登记")
    batch = imported(world.manager, "a@example.com,2026-10-01,登记表 1,")
    assert (batch.chunks.get().known, Subscriber.objects.get().consent) == (1, "网站登记")


def test_an_import_is_taken_back_but_for_those_who_were_written_to(world: World) -> None:
    batch = imported(world.manager, "a@example.com,2026-10-01,登记表 1,", "b@example.com,2026-10-01,登记表 2,")
    kept, gone = Subscriber.objects.order_by("pk")
    mailing = make_approved(world.editor, world.manager, html="", text="")
    Delivery.objects.create(mailing=mailing, edition=mailing.editions.get(), subscriber=kept, domain="d")
    go_on(begin(by=world.manager, batch=batch, state=ImportBatch.State.UNDOING))
    assert list(Subscriber.objects.all()) == [kept]
    with pytest.raises(KeyDestroyed):
        key_of(gone.subject)
    assert key_of(kept.subject)


def test_only_managers_import(world: World) -> None:
    with pytest.raises(PermissionDenied):
        imported(world.editor, "a@example.com,2026-10-01,登记表 1,")
    assert not ImportBatch.objects.exists()
