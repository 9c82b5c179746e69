"""G5: what breaks off because the database was away is told as that, and is done when it is back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from casebook.factories import make_draft, submit
from casebook.services.deciding import confirm_case
from estates.models import User
from operations.recovering import MOST_STARTS, recover_own_tasks, recover_tasks
from outputs.models import OutgoingMail
from tests.conftest import World

AWAY = "django.db.utils.OperationalError"


@contextmanager
def failing(*words: str) -> Iterator[None]:
    """The database is away for statements with all of these words."""

    def refuse(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if all(word in sql for word in words):
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def test_g5_a_session_that_cannot_be_saved_was_not_deleted(world: World) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.reader)
    with failing("UPDATE", "django_session"):
        answer = client.get("/search/?q=没有这个词吧")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "数据库暂时没有应答" in answer.content.decode()
    assert client.get("/search/?q=没有这个词吧").status_code == 200


def task(status: str, *, workers: list[str], error: str = "") -> DBTaskResult[..., Any]:
    now = timezone.now()
    ended = now if status == "FAILED" else None
    return DBTaskResult.objects.create(
        task_path="tests.faults.napping.nap_once",
        backend_name="default",
        args_kwargs={"args": [], "kwargs": {}},
        status=status,
        worker_ids=workers,
        started_at=now,
        finished_at=ended,
        exception_class_path=error,
        traceback=error,
    )


def test_g5_a_worker_that_goes_on_takes_up_what_it_left(db: None) -> None:
    worker = uuid4().hex
    mine, others = task("RUNNING", workers=[worker]), task("RUNNING", workers=[worker, "another"])
    recover_own_tasks(worker)
    mine.refresh_from_db()
    others.refresh_from_db()
    assert (mine.status, others.status) == ("READY", "RUNNING")


def test_g5_a_task_that_failed_with_the_database_is_run_again_as_often_as_a_task_is_started(db: None) -> None:
    passing, ours = (
        task("FAILED", workers=["a"], error=AWAY),
        task("FAILED", workers=["a"], error="builtins.ValueError"),
    )
    spent = task("FAILED", workers=["a"] * MOST_STARTS, error=AWAY)
    long_ago = task("FAILED", workers=["a"], error=AWAY)
    DBTaskResult.objects.filter(pk=long_ago.pk).update(finished_at=timezone.now() - timedelta(hours=2))
    recover_tasks()
    rows = DBTaskResult.objects.in_bulk([passing.pk, ours.pk, spent.pk, long_ago.pk])
    assert [rows[one.pk].status for one in (passing, ours, spent, long_ago)] == ["READY", "FAILED", "FAILED", "FAILED"]
    again = rows[passing.pk]
    assert (again.finished_at, again.exception_class_path, again.traceback) == (None, "", "")


@pytest.mark.django_db(transaction=True)
def test_g5_who_is_told_is_written_with_what_happened(build: Callable[[], World], settings: Settings) -> None:
    """Nothing lies between the two in which the database could go away."""
    settings.EMAIL_BACKEND = "outputs.outgoing.queueing.QueueBackend"
    world = build()
    User.objects.update(email="sample@example.invalid")
    draft = make_draft(world.editor, world.estate, world.company.design)
    with transaction.atomic():
        case = submit(draft, by=world.editor)
        assert OutgoingMail.objects.count() == 1
        transaction.set_rollback(True)
    assert OutgoingMail.objects.count() == 0
    case = submit(draft, by=world.editor)
    with failing("outputs_outgoingmail"), pytest.raises(OperationalError):
        confirm_case(review=case.reviews.open().get(), by=world.manager)
    assert case.reviews.count() == 1, "the step is as it was"
    confirm_case(review=case.reviews.open().get(), by=world.manager)
    assert case.reviews.count() == 2
    assert OutgoingMail.objects.count() > 1
