"""Foreign files are opened in a process of its own, bounded in memory and time, and few at once on one machine.

    in_bounds("media.photo_reader:read", upload, {"max_pixels": 80_000_000}, bounds=Bounds(memory=1 << 30))

The named function runs in the child without Django: `function(source: IO[bytes], arguments: dict) -> bytes`. Nothing it
does can fill the memory of ours, hang or crash it. It tells its own refusals in what it returns.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from running.bounded_child import OUT_OF_MEMORY
from running.outages import Unavailable

MOST_WAITING = 4
"""Threads of one process that may wait for a turn; whoever comes then is asked to come again."""

LOOK_EVERY = 0.05
logger = logging.getLogger(__name__)
_waiting = threading.BoundedSemaphore(MOST_WAITING)


@dataclass(frozen=True, slots=True)
class Bounds:
    """`memory` in bytes of address space; `at_once` processes of one `queue` on this machine, whoever starts them;
    `wait` is how many seconds a caller waits for its turn."""

    memory: int = 1 << 30
    seconds: int = 40
    queue: str = "files"
    at_once: int = 1
    wait: float = 40


class OutOfBounds(Exception):
    """The file needed more memory or time than it may have, or its reader crashed."""


class Busy(Unavailable):
    """Too many wait already."""

    retry_after = 5

    def __str__(self) -> str:
        return _("服务器正在处理其他文件，请稍等几秒再试。")


def in_bounds(
    function: str,
    source: bytes | IO[bytes],
    arguments: Mapping[str, object] | None = None,
    *,
    bounds: Bounds = Bounds(),
) -> bytes:
    """What `package.module:function` made of the source. Arguments are plain JSON and hold no personal data: other
    users of the machine can see them. An upload that lies on disk is not copied.

    Raises OutOfBounds, and Busy when no turn came.
    """
    told = json.dumps(dict(arguments or {}), ensure_ascii=True)
    command = [sys.executable, "-m", "running.bounded_child", str(bounds.memory), str(bounds.seconds), function, told]
    with turn(bounds), _opened(source) as given:
        done = _run(command, given, bounds.seconds)
    if done.returncode:
        logger.warning("%s ended with %s", function, done.returncode)
        raise OutOfBounds("memory" if done.returncode == OUT_OF_MEMORY else str(done.returncode))
    return done.stdout


def _run(command: list[str], given: bytes | IO[bytes], seconds: int) -> subprocess.CompletedProcess[bytes]:
    start: Callable[..., subprocess.CompletedProcess[bytes]] = subprocess.run
    source = {"input": given} if isinstance(given, bytes) else {"stdin": given}
    try:
        return start(command, capture_output=True, timeout=seconds + 5, cwd=settings.ROOT, check=False, **source)
    except subprocess.TimeoutExpired as error:
        raise OutOfBounds("time") from error


def _opened(source: bytes | IO[bytes]) -> AbstractContextManager[bytes | IO[bytes]]:
    """An upload on disk is opened anew by its path, so that the caller's own position stays where it is."""
    if isinstance(source, bytes):
        return nullcontext(source)
    on_disk = getattr(source, "temporary_file_path", None)
    if on_disk is not None:
        return Path(on_disk()).open("rb")
    source.seek(0)
    content = source.read()
    source.seek(0)
    return nullcontext(content)


@contextmanager
def turn(bounds: Bounds) -> Iterator[None]:
    """Holds one of the places of the queue, counted across all processes of this machine. Raises Busy."""
    if not _waiting.acquire(blocking=False):
        raise Busy
    try:
        held = _place(bounds)
    finally:
        _waiting.release()
    try:
        yield
    finally:
        os.close(held)


def _place(bounds: Bounds) -> int:
    folder = Path(settings.VAR) / "turns"
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    until = time.monotonic() + bounds.wait
    while True:
        for number in range(bounds.at_once):
            held = os.open(folder / f"{bounds.queue}.{number}", os.O_RDWR | os.O_CREAT, 0o640)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(held)
            else:
                return held
        if time.monotonic() > until:
            raise Busy
        time.sleep(LOOK_EVERY * random.uniform(0.5, 1.5))  # noqa: S311  so that those who wait do not march in step
