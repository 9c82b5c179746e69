"""A site of its own for a measurement, with samples: served as it is or as it was before, with its worker."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, "manage.py"]
SAMPLES = """
from datetime import date
from django.core.management import call_command
from casebook.services.bulk import PublishedCase, file_published_cases
from cms.sample_data import load_people, sample_cases
call_command("migrate", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
call_command("make_keys", verbosity=0)
estates = load_people()[2]
named = ("title", "description", "cause", "lesson")
texts = [{name: row[name] for name in named} | {"to_design": True} for row in sample_cases()]
cases = [PublishedCase(estates[n % 4], date(2026, 1 + n % 9, 1), text, f"bench-{n}") for n, text in enumerate(texts)]
file_published_cases(cases, by=None)
"""
"""People, estates and sixty published cases without photos; all in one process."""


@dataclass(frozen=True)
class BenchSite:
    folder: Path
    port: int
    environment: dict[str, str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def running(self, *command: str) -> Iterator[int]:
        """The id of the process."""
        quiet = subprocess.DEVNULL
        with subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=quiet, stderr=quiet) as process:  # noqa: S603
            try:
                yield process.pid
            finally:
                process.terminate()

    @contextmanager
    def served(self, *, by_gunicorn: bool = False) -> Iterator[int]:
        listen = f"127.0.0.1:{self.port}"
        command = [*MANAGE, "serve", "--listen", listen]
        if by_gunicorn:
            command = [sys.executable, "-m", "gunicorn", "cms.wsgi", "--bind", listen, "--threads", "4"]
        with self.running(*command) as process:
            self._wait()
            yield process

    def _wait(self) -> None:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.address}/login/", timeout=5).close()  # noqa: S310  loopback
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise RuntimeError(f"{self.address} does not answer")


@contextmanager
def bench_site(port: int) -> Iterator[BenchSite]:
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="anjuan-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        environment = os.environ | {
            "ANJUAN_VAR": str(folder),
            "SITE_URL": f"http://127.0.0.1:{port}",
            "DJANGO_SETTINGS_MODULE": "cms.settings.development",
            "SEARCH_BY_MEANING": "0",
        }
        fill = [*MANAGE, "shell", "-v0", "-c", SAMPLES]
        done = subprocess.run(fill, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        yield BenchSite(folder, port, environment)
