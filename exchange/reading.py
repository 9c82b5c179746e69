"""A table of strangers, read by another process within bounds: ours only takes the rows, a few at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread, Timer
from typing import IO, Any

from django.conf import settings

from exchange.table_parts import Column, Problem, TableRow, Unreadable
from exchange.table_reader import columns_told

SECONDS = 300
LONGEST_ANSWER = 50_000_000
Read = tuple[TableRow, list[Problem]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the heading told; the rows follow, once."""

    columns: Sequence[str]
    ignored: Sequence[str]
    rows: Iterator[Read]


@contextmanager
def reading(content: bytes, columns: Sequence[Column]) -> Iterator[Reading]:
    """The table while it is read; the other process ends with the block. Raises Unreadable, also between rows."""
    command = [sys.executable, "-m", "exchange.table_reader"]
    environment = {"PATH": os.defpath, "OPENBLAS_NUM_THREADS": "1"}  # nothing of ours that a hostile file could want
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603  our own program
        command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, cwd=settings.ROOT, env=environment
    ) as child:
        clock = Timer(SECONDS, child.kill)
        clock.start()
        feeder = Thread(target=_feed, args=(child.stdin, columns_told([*columns]) + content), daemon=True)
        feeder.start()
        try:
            answers = _answers(child.stdout)
            heading = next(answers)
            yield Reading(heading["columns"], heading["ignored"], _rows(answers))
        finally:
            clock.cancel()
            child.kill()
            feeder.join()


def _feed(stdin: IO[bytes] | None, told: bytes) -> None:
    """A child that has refused the file reads no further, and that is no fault."""
    if stdin is None:
        return
    try:
        with stdin:
            stdin.write(told)
    except BrokenPipeError:
        return


def _answers(stdout: IO[bytes] | None) -> Iterator[Any]:
    """What the child says, up to its end. One that ended without saying so was stopped at a bound."""
    while stdout and (line := stdout.readline(LONGEST_ANSWER)).endswith(b"\n"):
        told = json.loads(line)
        if isinstance(told, dict) and "refused" in told:
            raise Unreadable(told["refused"], **told["named"])
        if isinstance(told, dict) and "end" in told:
            return
        yield told
    raise Unreadable("too_costly")


def _rows(answers: Iterator[Any]) -> Iterator[Read]:
    for number, cells, problems in answers:
        yield TableRow(number, cells), [Problem(number, column, code) for column, code in problems]
