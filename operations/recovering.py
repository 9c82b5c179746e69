"""Tasks whose worker died are taken up again, or fail where a person sees it; none stays *running* for ever."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from operations.models import TaskWorker

RECOVER_EVERY = timedelta(minutes=1)
"""The rhythm for whoever calls `recover_tasks` periodically; each worker does so too."""

MOST_STARTS = 3
"""A task that took so many workers down with it is not started again."""

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
    """Every task that runs in a worker without a sign of life. May be called by several processes at once."""
    again = failed = 0
    alive = _living_workers()
    for row in DBTaskResult.objects.running():
        worker = row.worker_ids[-1] if row.worker_ids else ""
        if worker in alive or (row.started_at and _is_recent(row.started_at)):
            continue
        this_start = DBTaskResult.objects.running().filter(pk=row.pk, started_at=row.started_at)
        if len(row.worker_ids) < MOST_STARTS:
            again += this_start.update(status=TaskResultStatus.READY)
            logger.warning("task %s (%s): its worker died, it will be run again", row.pk, row.task_path)
        else:
            failed += this_start.update(
                status=TaskResultStatus.FAILED,
                finished_at=timezone.now(),
                exception_class_path=f"{WorkerDied.__module__}.{WorkerDied.__qualname__}",
                traceback=str(WorkerDied.__doc__),
            )
            logger.error("task %s (%s): failed, %d workers died of it", row.pk, row.task_path, MOST_STARTS)
    TaskWorker.objects.filter(seen_at__lt=timezone.now() - FORGOTTEN_AFTER).delete()
    return Recovered(again, failed)


def give_sign_of_life(worker_id: str) -> None:
    TaskWorker.objects.update_or_create(worker_id=worker_id, defaults={"seen_at": timezone.now()})


def _living_workers() -> set[str]:
    rows = TaskWorker.objects.values_list("worker_id", "seen_at")
    return {worker for worker, seen_at in rows if _is_recent(seen_at)}


def _is_recent(moment: datetime) -> bool:
    """A clock that was set back must not keep a dead worker alive."""
    return abs(timezone.now() - moment) < timedelta(seconds=settings.TASK_LEASE_SECONDS)
