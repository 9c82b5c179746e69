"""The other side of `running.bounded`: python -m running.bounded_child MEMORY SECONDS MODULE:FUNCTION ARGUMENTS

Reads the source from standard input and writes what the function returns to standard output. Knows no Django.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

OUT_OF_MEMORY = 3
NICENESS = 5
FIRST_TO_GO = "1000"


def limit(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICENESS)
    with suppress(OSError):  # only Linux knows whom to end first when memory is short
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO, "ascii")


def source() -> IO[bytes]:
    given = sys.stdin.buffer
    return given if given.seekable() else io.BytesIO(given.read())


def main() -> int:
    memory, seconds, function, told = sys.argv[1:]
    limit(int(memory), int(seconds))
    module, _colon, name = function.partition(":")
    try:
        made = getattr(importlib.import_module(module), name)(source(), json.loads(told))
        sys.stdout.buffer.write(made)
        sys.stdout.buffer.flush()
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(main())
