"""G5: a database that is away is one thing; what it refuses because of a fault of ours is another, and is seen."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from traceback import format_exception

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, ProgrammingError, connection
from django.db.transaction import TransactionManagementError
from django.test import Client

from casebook.models import CasePage
from cms.outages import outage_of
from operations.recovering import recover_tasks
from running.database_away import is_database_away
from running.loops import keep_trying
from tests.conftest import World
from tests.faults.test_g5_away_and_back import AWAY, task


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


def by_sqlite(code: int | None) -> Exception:
    cause = sqlite3.OperationalError("as SQLite says it")
    if code is not None:
        cause.sqlite_errorcode = code
    return caused(OperationalError(), cause)


def by_postgresql(state: str) -> Exception:
    return caused(OperationalError(), psycopg.errors.lookup(state)())


@pytest.mark.parametrize(
    ("error", "away"),
    [
        pytest.param(by_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), True, id="busy"),
        pytest.param(by_sqlite(sqlite3.SQLITE_LOCKED), True, id="locked"),
        pytest.param(by_sqlite(sqlite3.SQLITE_CANTOPEN), True, id="cannot open"),
        pytest.param(by_sqlite(sqlite3.SQLITE_IOERR_READ), True, id="cannot read"),
        pytest.param(by_sqlite(sqlite3.SQLITE_FULL), True, id="full"),
        pytest.param(by_sqlite(sqlite3.SQLITE_READONLY), True, id="read only"),
        pytest.param(by_sqlite(sqlite3.SQLITE_ERROR), False, id="no such column"),
        pytest.param(by_sqlite(None), False, id="SQLite without a code"),
        pytest.param(by_postgresql("08006"), True, id="connection failure"),
        pytest.param(by_postgresql("57P01"), True, id="shut down"),
        pytest.param(by_postgresql("57P03"), True, id="starting up"),
        pytest.param(by_postgresql("53300"), True, id="too many connections"),
        pytest.param(by_postgresql("55P03"), True, id="lock not available"),
        pytest.param(by_postgresql("40P01"), True, id="deadlock"),
        pytest.param(by_postgresql("40001"), True, id="not serialisable"),
        pytest.param(by_postgresql("57014"), False, id="a statement that took too long"),
        pytest.param(by_postgresql("54001"), False, id="a statement too complex"),
        pytest.param(caused(OperationalError(), psycopg.OperationalError("no answer")), True, id="no answer"),
        pytest.param(caused(InterfaceError(), psycopg.InterfaceError("closed")), True, id="closed"),
        pytest.param(InterfaceError("connection already closed"), True, id="closed before"),
        pytest.param(OperationalError("the database is restarting"), True, id="restarting"),
        pytest.param(caused(TransactionManagementError(), by_postgresql("57P01")), True, id="after it went"),
        pytest.param(TransactionManagementError(), False, id="broken transaction"),
        pytest.param(caused(ProgrammingError(), psycopg.errors.UndefinedColumn()), False, id="no such column there"),
        pytest.param(IntegrityError("UNIQUE"), False, id="twice"),
        pytest.param(ValueError("ours"), False, id="no database in it"),
    ],
)
def test_g5_what_is_away_and_what_is_a_fault(error: Exception, away: bool) -> None:
    assert is_database_away(error) is away
    assert (outage_of(error) is not None) is away


def no_such_column() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column FROM estates_user")


@pytest.mark.parametrize(
    "fault", [no_such_column, lambda: _raise(IntegrityError("UNIQUE")), lambda: _raise(DatabaseError("malformed"))]
)
def test_g5_a_fault_ends_a_loop(db: None, fault: Callable[[], None]) -> None:
    rests: list[float] = []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        pytest.fail("it was tried again")

    with pytest.raises(DatabaseError):
        keep_trying("postman", fault, sleep=rest)
    assert rests == []


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.django_db(transaction=True)
def test_g5_a_loop_tells_the_trace_once(caplog: pytest.LogCaptureFixture) -> None:
    troubles = [OperationalError("the database is restarting")] * 3

    def act() -> str:
        if troubles:
            raise troubles.pop()
        return "done"

    assert keep_trying("postman", act, sleep=lambda seconds: None) == "done"
    told = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage() for record in told] == [
        "postman: OperationalError, again in 0.5 s",
        "postman: OperationalError, again in 1 s",
        "postman: OperationalError, again in 2 s",
    ]
    assert [bool(record.exc_info) for record in told] == [True, False, False]


def ask(world: World, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> int:
    client = Client(raise_request_exception=False)
    client.force_login(world.reader)
    monkeypatch.setattr(CasePage.objects, "visible_to", lambda *args, **named: act())
    return client.get("/work/").status_code


def traces(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.name for record in caplog.records if record.exc_info]


def test_g5_a_fault_is_a_500_with_its_trace(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert ask(world, monkeypatch, no_such_column) == 500
    assert traces(caplog) == ["django.request"]


def test_g5_an_outage_is_a_503_with_its_trace(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> None:
        raise OperationalError("the database is restarting")

    assert ask(world, monkeypatch, away) == 503
    assert traces(caplog) == ["cms.outages"]


def trace_of(cause: Exception) -> str:
    return "".join(format_exception(caused(OperationalError(*cause.args), cause)))


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (sqlite3.OperationalError("database is locked"), "READY"),
        (sqlite3.OperationalError("no such column: colour"), "FAILED"),
        (psycopg.errors.AdminShutdown("terminating connection"), "READY"),
        (psycopg.OperationalError("the connection is closed"), "READY"),
        (psycopg.errors.StatementTooComplex("stack depth limit exceeded"), "FAILED"),
    ],
)
def test_g5_a_task_that_fails_by_our_fault_is_not_run_again(db: None, cause: Exception, status: str) -> None:
    row = task("FAILED", workers=["a"], error=AWAY)
    row.traceback = trace_of(cause)
    row.save()
    recover_tasks()
    row.refresh_from_db()
    assert row.status == status
