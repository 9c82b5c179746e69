"""Signs of life: each process of the product tells the database that it runs, beside what it does."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from running.models import Heartbeat

EVERY = 15.0
ALIVE_FOR = timedelta(seconds=75)
FORGOTTEN_AFTER = timedelta(days=1)
PROCESSES = ("worker", "postman", "tick")
FEED = "feed"
logger = logging.getLogger(__name__)


def expected() -> tuple[str, ...]:
    return (*PROCESSES, FEED) if settings.ELASTICSEARCH_URL else PROCESSES


def beat(kind: str) -> None:
    host = socket.gethostname()[:80]
    now = timezone.now()
    name = f"{kind}@{host}:{os.getpid()}"
    Heartbeat.objects.update_or_create(name=name, defaults={"kind": kind, "host": host, "seen_at": now})
    Heartbeat.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()


def alive(*, host: str = "") -> dict[str, bool]:
    """Of each process that should run, whether one was seen within ALIVE_FOR; with `host`, one on that machine."""
    now = timezone.now()
    seen = Heartbeat.objects.filter(seen_at__gt=now - ALIVE_FOR, seen_at__lt=now + ALIVE_FOR)
    kinds = set((seen.filter(host=host) if host else seen).values_list("kind", flat=True))
    return {kind: kind in kinds for kind in expected()}


@contextmanager
def beating(kind: str) -> Iterator[None]:
    """Gives signs of life in a thread of its own for as long as the block runs."""
    over = threading.Event()
    thread = threading.Thread(target=_beat_on, args=[kind, over], daemon=True, name=f"heartbeat of {kind}")
    thread.start()
    try:
        yield
    finally:
        over.set()


def _beat_on(kind: str, over: threading.Event) -> None:
    while True:
        try:
            beat(kind)
        except (DatabaseError, InterfaceError) as error:  # away or locked: it comes back
            logger.warning("no sign of life of %s: %s", kind, type(error).__name__)
        finally:
            connection.close()
        if over.wait(EVERY):
            return
