"""A site of its own for one test, from a copy of the empty test database.

Processes can be started beside it and killed."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from tests.acceptance.own_site import ROOT

SECONDS = 90
FURNISHING = """
from django.core.management import call_command
from cms.sample_data import load_people
from search import upkeep
call_command("make_keys", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
from tests.conftest import lay_foundation
lay_foundation()
load_people()
upkeep.rebuild_database(lambda count: None)
"""
"""In one process: each start of one costs seconds."""


@dataclass(frozen=True)
class SmallSite:
    var: Path
    environment: dict[str, str]

    @property
    def log(self) -> str:
        return (self.var / "log").read_text("utf-8", "replace")

    def manage(self, *command: str) -> None:
        with (self.var / "log").open("ab") as log:
            done = subprocess.run(  # noqa: S603
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                check=False,
            )
        assert done.returncode == 0, self.log[-3000:]

    def furnish(self) -> None:
        """Keys, style sheets, the people and estates of the samples, and an index without what other tests left."""
        self.manage("shell", "-v0", "-c", FURNISHING)

    @contextmanager
    def running(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """A command of manage.py beside the test, killed at its end."""
        full = [sys.executable, "manage.py", *command]
        with (self.var / "log").open("ab") as log:
            process = subprocess.Popen(full, cwd=ROOT, env=self.environment, stdout=log, stderr=log)  # noqa: S603
            try:
                yield process
            finally:
                process.kill()
                process.wait()

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.var / "anjuan.sqlite3", timeout=30)) as database:
            return database.execute(sql).fetchall()


def small_site(var: Path, **more: str) -> SmallSite:
    """Its database is the test database as it stands, migrated and empty."""
    var.mkdir()
    with (
        closing(sqlite3.connect(str(connection.settings_dict["TEST"]["NAME"]))) as source,
        closing(sqlite3.connect(var / "anjuan.sqlite3")) as copy,
    ):
        source.backup(copy)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cms.settings.production",
        "SECRET_KEY": "only-for-this-test-0123456789-0123456789-0123456789",
        "SECURE_COOKIES": "0",
        "ALLOWED_HOSTS": "127.0.0.1",
        "ANJUAN_VAR": str(var),
        "MAIL_URL": f"file://{var / 'mail'}",
        "PYTHONUNBUFFERED": "1",
    }
    return SmallSite(var, environment | more)


def wait_until(question: Callable[[], bool], what: Callable[[], str]) -> None:
    until = time.monotonic() + SECONDS
    while not question():
        assert time.monotonic() < until, what()
        time.sleep(0.2)
