"""Tables made to hurt, read as the worker reads them: time, and peak memory of ours and of the reading process.

python -m scripts.bench_table_bombs [words of the ones to try]
"""

from __future__ import annotations

import os
import resource
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.development")

import django

from exchange.reading import reading
from exchange.tables import Column, Unreadable
from tests.faults.bombs import BOMBS, HEADINGS

COLUMNS = [Column(f"c{place}", heading, required=True) for place, heading in enumerate(HEADINGS)]


def peak(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1024


def outcome(content: bytes) -> str:
    try:
        with reading(content, COLUMNS) as table:
            return f"{sum(1 for _row in table.rows):,} rows"
    except Unreadable as error:
        return error.code


def bench_in_a_fork(name: str) -> None:
    """Each in a process of its own, so that its peaks are its own."""
    if pid := os.fork():
        os.waitpid(pid, 0)
        return
    content, before, started = BOMBS[name](), peak(resource.RUSAGE_SELF), time.perf_counter()
    told = outcome(content)
    took, grown = time.perf_counter() - started, peak(resource.RUSAGE_SELF) - before
    reader = peak(resource.RUSAGE_CHILDREN)
    print(
        f"{name:<34}{len(content) / 1e3:9,.0f} kB{took:7.1f} s  ours +{grown:4.0f} MB  reader {reader:5.0f} MB  {told}"
    )
    sys.stdout.flush()
    os._exit(0)


def main() -> None:
    django.setup()
    for name in BOMBS:
        if not sys.argv[1:] or any(word in name for word in sys.argv[1:]):
            bench_in_a_fork(name)


if __name__ == "__main__":
    main()
