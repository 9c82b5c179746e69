"""What a bounded process is to survive. Knows no Django, like everything that runs there."""

from __future__ import annotations

import os
from typing import IO


def fill(source: IO[bytes], arguments: dict[str, object]) -> bytes:
    return bytes(len(b"x" * (2 << 30)))


def spin(source: IO[bytes], arguments: dict[str, object]) -> bytes:
    while True:
        pass


def crash(source: IO[bytes], arguments: dict[str, object]) -> bytes:
    os.abort()


def told(source: IO[bytes], arguments: dict[str, object]) -> bytes:
    return source.read() + str(arguments["more"]).encode()
