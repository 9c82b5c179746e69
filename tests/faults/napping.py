"""A task for tests of workers that die: it naps at its first start, and is done at the next."""

from __future__ import annotations

import time
from pathlib import Path

from django_tasks import task


@task()
def nap_once(marker: str) -> str:
    started = Path(marker)
    if started.exists():
        return "taken up again"
    started.touch()
    time.sleep(120)
    return "slept through"


@task()
def nap_always(marker: str) -> None:
    started = Path(marker)
    started.write_text(f"{started.read_text()}x" if started.exists() else "x")
    time.sleep(120)
