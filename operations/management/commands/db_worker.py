"""`manage.py db_worker`: the worker, which also says which tasks are its own, so that what it leaves behind when it is
killed is taken up again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection

from operations.recovering import give_sign_of_life, recover_own_tasks, recover_tasks
from running.management.commands.db_worker import Command as WorkerCommand

logger = logging.getLogger(__name__)


class Command(WorkerCommand):
    def handle(self, **options: Any) -> None:
        with signs_of_life(options["worker_id"]):
            super().handle(**options)

    def begin(self, worker_id: str) -> None:
        recover_own_tasks(worker_id)


@contextmanager
def signs_of_life(worker_id: str) -> Iterator[None]:
    """Gives them beside what goes on in this thread, and looks after the tasks of workers that give none."""
    over = threading.Event()
    thread = threading.Thread(target=_look_after_tasks, args=[worker_id, over], daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=5)


def _look_after_tasks(worker_id: str, over: threading.Event) -> None:
    while True:
        try:
            give_sign_of_life(worker_id)
            recover_tasks()
        except Exception:  # away, locked or full: it comes back, and this thread must still be there
            logger.exception("no sign of life of worker %s", worker_id)
        finally:
            connection.close()
        if over.wait(settings.TASK_LEASE_SECONDS / 3):
            return
