"""`manage.py db_worker`: the worker of django-tasks-db; it outlives a database that is away and shows that it lives."""

from __future__ import annotations

from typing import Any

from django_tasks_db.management.commands.db_worker import Command as WorkerCommand

from running.heartbeats import beating
from running.loops import keep_trying


class Command(WorkerCommand):
    def handle(self, **options: Any) -> None:
        if options["batch"]:
            super().handle(**options)
            return
        with beating("worker"):
            keep_trying("worker", lambda: self._work(options))

    def _work(self, options: dict[str, Any]) -> None:
        self.begin(options["worker_id"])
        super().handle(**options)

    def begin(self, worker_id: str) -> None:
        """Called whenever the loop begins, at first or after the database was away."""
