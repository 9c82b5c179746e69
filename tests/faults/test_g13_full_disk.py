"""On a full disk people read and sign in, what cannot be saved is said with what was typed, and health says it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg.errors
import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from casebook.factories import make_draft, publish
from casebook.models import CasePage, RecentCase
from cms.outages import outage_of
from estates.factories import SAMPLE_PASSWORD
from operations import health as health_of_site
from tests.conftest import World
from vault.models import AccessEntry

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


@contextmanager
def full_disk() -> Iterator[list[str]]:
    """The database may grow no more, and what would still fit into its free pages fails as there: the very error of
    SQLite, for every statement that writes."""
    made: list[str] = []
    with sqlite3.connect(":memory:") as small:
        small.execute("CREATE TABLE page (text TEXT)")
        small.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.OperationalError, match="full") as caught:
            small.execute("INSERT INTO page VALUES (?)", ["x" * 10_000])

    def refuse(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(WRITES):
            made.append(sql)
            raise OperationalError(*caught.value.args) from caught.value
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield made


@pytest.fixture
def case(world: World) -> CasePage:
    draft = make_draft(world.editor, world.estate, world.company.design)
    return publish(draft, by=world.editor, manager=world.manager, confirmer=world.designer)


@pytest.fixture
def careful_client() -> Client:
    """It answers as the server would, also where a view broke."""
    return Client(raise_request_exception=False)


def test_g13_reading_goes_on(case: CasePage, world: World, careful_client: Client) -> None:
    careful_client.force_login(world.reader)
    with full_disk() as refused:
        for address in ("/work/", case.get_absolute_url(), "/search/?q=渗漏", "/search/?q=没有这个词吧"):
            page = careful_client.get(address)
            assert page.status_code == 200, address
        assert careful_client.post("/search/", {"q": "渗漏"}).status_code == 302
    assert refused
    assert not RecentCase.objects.exists()


def test_g13_signing_in_and_out_goes_on(
    case: CasePage, world: World, careful_client: Client, settings: Settings
) -> None:
    settings.AXES_ENABLED = True
    with full_disk():
        wrong = careful_client.post("/login/", {"username": world.reader.username, "password": "wrong"})
        assert wrong.status_code == 200
        asked = {"username": world.reader.username, "password": SAMPLE_PASSWORD}
        assert careful_client.post("/login/", asked).status_code == 302
        assert careful_client.get(case.get_absolute_url()).status_code == 200
        assert careful_client.post("/logout/").status_code == 302
        assert careful_client.get("/work/").status_code == 302
    assert careful_client.post("/login/", asked).status_code == 302
    assert not careful_client.cookies[settings.SESSION_COOKIE_NAME].value.startswith("carried.")


def test_g13_a_changed_carried_session_opens_nothing(world: World, careful_client: Client, settings: Settings) -> None:
    asked = {"username": world.reader.username, "password": SAMPLE_PASSWORD}
    with full_disk():
        careful_client.post("/login/", asked)
    cookie = careful_client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie.value.startswith("carried.")
    other = Client()
    other.cookies[settings.SESSION_COOKIE_NAME] = cookie.value[:-2] + "xx"
    assert other.get("/work/").status_code == 302
    world.reader.set_password("another-0123456789")
    world.reader.save()
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = cookie.value
    assert thief.get("/work/").status_code == 302, "a new password ends it like any other"


def test_g13_writing_says_so_and_keeps_what_was_typed(case: CasePage, world: World, careful_client: Client) -> None:
    careful_client.force_login(world.designer)
    typed = "设防水附加层，地漏周边加密。" * 4
    with full_disk():
        answer = careful_client.post(f"{case.get_absolute_url()}useful/", {"useful": "yes", "note": typed})
        page = answer.content.decode()
    assert answer.status_code == 507
    assert "磁盘已满" in page
    assert f">{typed}</textarea>" in page
    assert 'name="useful" value="yes"' in page


def test_g13_scripts_are_told_in_json(case: CasePage, world: World, careful_client: Client) -> None:
    careful_client.force_login(world.designer)
    told = {"Accept": "application/json"}
    with full_disk():
        answer = careful_client.post(f"{case.get_absolute_url()}useful/", {"useful": "yes"}, headers=told)
    assert (answer.status_code, "磁盘已满" in answer.json()["error"]) == (507, True)


def test_g13_what_the_register_cannot_note_is_not_shown(world: World, careful_client: Client) -> None:
    careful_client.force_login(world.manager)
    before = AccessEntry.objects.count()
    with full_disk():
        answer = careful_client.post("/archive/find/", {"q": "13800000000"})
    assert answer.status_code in (507, 404, 403)
    assert AccessEntry.objects.count() == before


def test_g13_health_says_it(world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_of_site, "KEPT_SECONDS", 0)
    settings.DISK_MIN_FREE_MB = 0
    told = Client().get("/health/")
    assert (told.status_code, told.json()["failing"]) == (200, [])
    with full_disk():
        told = Client().get("/health/")
    assert (told.status_code, told.json()["ok"], told.json()["failing"]) == (503, False, ["database"])
    settings.DISK_MIN_FREE_MB = 10**12
    assert Client().get("/health/").json()["failing"] == ["disk"]


def test_g13_health_sees_a_folder_that_takes_no_file(world: World, settings: Settings) -> None:
    full = Path("/dev/full")
    assert full.exists()
    with pytest.raises(OSError, match="No space left") as caught, full.open("wb", buffering=0) as never:
        never.write(b"x")
    outage = outage_of(caught.value)
    assert outage is not None
    assert outage.status == 507


def test_g13_postgresql_says_it_in_its_own_way() -> None:
    error = OperationalError("could not extend file")
    error.__cause__ = psycopg.errors.DiskFull("could not extend file")
    outage = outage_of(error)
    assert outage is not None
    assert outage.status == 507
