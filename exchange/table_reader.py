"""Reads one table in a process of its own, so that no file can fill the memory or take the time of ours.

    python -m exchange.table_reader     the columns as a line of JSON and then the file on standard input

Prints lines of JSON: {"columns": [...], "ignored": [...]}, then for each row [number, cells, problems], and at last
{"end": true}; or {"refused": code, "named": {...}}. Nothing of the file is ever written to a disk.
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict
from typing import TextIO

from exchange.tables import Column, Unreadable, open_table

MEMORY = 1 << 30
SECONDS = 120


def bound() -> None:
    """Memory and processor time end here; a core file would hold what was read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def tell(columns: list[Column], content: bytes, out: TextIO) -> None:
    table = open_table(content, columns)
    _say(out, {"columns": list(table.columns), "ignored": list(table.ignored)})
    for row, problems in table.rows:
        _say(out, [row.number, dict(row.cells), [[one.column, one.code] for one in problems]])
    _say(out, {"end": True})


def _say(out: TextIO, told: object) -> None:
    out.write(json.dumps(told) + "\n")


def main() -> None:
    bound()
    columns = [Column(**one) for one in json.loads(sys.stdin.buffer.readline())]
    try:
        tell(columns, sys.stdin.buffer.read(), sys.stdout)
    except Unreadable as error:
        _say(sys.stdout, {"refused": error.code, "named": error.named})
    except MemoryError:
        _say(sys.stdout, {"refused": "too_costly", "named": {}})
    except Exception:  # noqa: BLE001  whatever a file makes a reader raise, it is a file that cannot be read
        _say(sys.stdout, {"refused": "broken", "named": {}})


def columns_told(columns: list[Column]) -> bytes:
    """The line that `main` reads first."""
    return json.dumps([asdict(one) for one in columns]).encode() + b"\n"


if __name__ == "__main__":
    main()
