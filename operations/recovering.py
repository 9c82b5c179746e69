"""Tasks whose worker died, or that broke off because the database was away, are taken up again, or fail where a person
sees it; none stays *running* for ever."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from operations.models import TaskWorker
from running.database_away import is_told_as_away

RECOVER_EVERY = timedelta(minutes=1)
"""The rhythm for whoever calls `recover_tasks` periodically; each worker does so too."""

MOST_STARTS = 3
"""A task that took so many workers down with it is not started again."""

PASSING = [f"{kind.__module__}.{kind.__qualname__}" for kind in (OperationalError, InterfaceError)]
"""As these it is told that the database was away or locked: not the task's fault."""

BROKE_OFF_LATELY = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=1)
logger = logging.getLogger(__name__)


class WorkerDied(Exception):
    """The worker was killed while it ran the task, as often as a task is started."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """How many tasks wait to be run again, and how many have failed for good."""

    again: int
    failed: int


def recover_tasks() -> Recovered:
    """Every task that runs in a worker without a sign of life, or that failed with the database. May be called by
    several processes at once."""
    alive = _living_workers()
    left = [
        row
        for row in DBTaskResult.objects.running()
        if not (_worker_of(row) in alive or (row.started_at and _is_recent(row.started_at)))
    ]
    ended = [_take_up_again(row) for row in left]
    _try_again_what_broke_off()
    TaskWorker.objects.filter(seen_at__lt=timezone.now() - FORGOTTEN_AFTER).delete()
    return Recovered(ended.count(TaskResultStatus.READY), ended.count(TaskResultStatus.FAILED))


def recover_own_tasks(worker_id: str) -> None:
    """For a worker that begins its loop, at first or again: what it is said to run, it does not."""
    for row in DBTaskResult.objects.running():
        if _worker_of(row) == worker_id:
            _take_up_again(row)


def _worker_of(row: DBTaskResult[..., Any]) -> str:
    return row.worker_ids[-1] if row.worker_ids else ""


def _take_up_again(row: DBTaskResult[..., Any]) -> TaskResultStatus | None:
    """How it stands now; None when another process saw to it."""
    this_start = DBTaskResult.objects.running().filter(pk=row.pk, started_at=row.started_at)
    if len(row.worker_ids) < MOST_STARTS:
        logger.warning("task %s (%s): its worker left it, it will be run again", row.pk, row.task_path)
        return TaskResultStatus.READY if this_start.update(status=TaskResultStatus.READY) else None
    logger.error("task %s (%s): failed, %d workers died of it", row.pk, row.task_path, MOST_STARTS)
    failed = this_start.update(
        status=TaskResultStatus.FAILED,
        finished_at=timezone.now(),
        exception_class_path=f"{WorkerDied.__module__}.{WorkerDied.__qualname__}",
        traceback=str(WorkerDied.__doc__),
    )
    return TaskResultStatus.FAILED if failed else None


def _try_again_what_broke_off() -> None:
    lately = Q(finished_at__gt=timezone.now() - BROKE_OFF_LATELY)
    for row in DBTaskResult.objects.failed().filter(lately, exception_class_path__in=PASSING):
        if len(row.worker_ids) < MOST_STARTS and is_told_as_away(row.traceback):
            logger.warning("task %s (%s): the database was away, it will be run again", row.pk, row.task_path)
            this_end = DBTaskResult.objects.failed().filter(pk=row.pk, finished_at=row.finished_at)
            this_end.update(status=TaskResultStatus.READY, finished_at=None, exception_class_path="", traceback="")


def give_sign_of_life(worker_id: str) -> None:
    TaskWorker.objects.update_or_create(worker_id=worker_id, defaults={"seen_at": timezone.now()})


def _living_workers() -> set[str]:
    rows = TaskWorker.objects.values_list("worker_id", "seen_at")
    return {worker for worker, seen_at in rows if _is_recent(seen_at)}


def _is_recent(moment: datetime) -> bool:
    """A clock that was set back must not keep a dead worker alive."""
    return abs(timezone.now() - moment) < timedelta(seconds=settings.TASK_LEASE_SECONDS)
