"""Processes that run for ever outlive a database that restarts or is locked, and say so."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import close_old_connections, connections

from running.database_away import is_database_away
from running.outages import Unavailable

LONGEST_REST = 30.0
logger = logging.getLogger(__name__)
T = TypeVar("T")


def keep_trying(kind: str, act: Callable[[], T], *, sleep: Callable[[float], object] = time.sleep) -> T:
    """What the act returns; as long as what it needs is away, it is tried again, ever more rarely. Other errors are
    faults and end the process: whoever started it starts it again."""
    failures, began = 0, time.monotonic()
    while True:
        close_old_connections()
        try:
            done = act()
        except Exception as error:
            if not (isinstance(error, Unavailable) or is_database_away(error)):
                raise
            now = time.monotonic()
            failures = 1 if now - began > 2 * LONGEST_REST else failures + 1
            rest = min(2.0 ** (failures - 2), LONGEST_REST)
            trace = error if failures == 1 else None  # once; then a line is enough
            logger.error("%s: %s, again in %g s", kind, type(error).__name__, rest, exc_info=trace)  # noqa: TRY400
            connections.close_all()
            sleep(rest)
            began = time.monotonic()
        else:
            if failures:
                logger.warning("%s goes on", kind)
            return done
