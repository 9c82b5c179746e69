"""How the site does. A failing part is for whoever watches the load balancer; a warning is for the administrator."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from operations.models import WriteProbe
from outputs.models import OutgoingMail, OutgoingState
from running.notes import waiting_briefly
from search import index
from vault.site_keys import trouble_with_keys

PROBED = b"\0" * 65_536
KEPT_SECONDS = 2
"""Whoever asks again and again makes nobody write again and again."""

MAIL_IS_LATE = timedelta(minutes=15)
TASKS_ARE_LATE = timedelta(minutes=15)
FAILED_TASKS_SHOWN = timedelta(days=7)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """Names of what fails: `search`, `keys`, `disk`, `files`, `database`; of what an administrator should see to:
    `mail`, `tasks`."""

    failing: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        return not self.failing


def health() -> Health:
    known: Health | None = cache.get("health")
    if known is None:
        known = _looked_at()
        cache.set("health", known, KEPT_SECONDS)
    return known


def _looked_at() -> Health:
    failing = {
        "search": not index.is_sound(),
        "keys": bool(trouble_with_keys()),
        "disk": bool(full_folders()),
        "files": not _takes_files(),
        "database": not _takes_rows(),
    }
    warnings = {"mail": mail_is_stuck(), "tasks": tasks_are_stuck()}
    return Health(tuple(n for n, bad in failing.items() if bad), tuple(n for n, bad in warnings.items() if bad))


def folders() -> list[Path]:
    """Where this product writes on disks of this machine."""
    named = (settings.VAR, settings.FILES_ROOT, settings.KEYS_ROOT, settings.ANCHORS_ROOT)
    return [path for path in dict.fromkeys(map(Path, named)) if path.exists()]


def full_folders() -> list[Path]:
    """Those with less room than there must be."""
    least = settings.DISK_MIN_FREE_MB * 1024 * 1024
    return [path for path in folders() if shutil.disk_usage(path).free < least]


def _takes_files() -> bool:
    try:
        for folder in folders():
            with tempfile.TemporaryFile(dir=folder) as probe:
                probe.write(PROBED)
                probe.flush()
                os.fsync(probe.fileno())
    except OSError as error:
        logger.error("no file can be written: %s", error.strerror)  # noqa: TRY400
        return False
    return True


def _takes_rows() -> bool:
    """Whoever asks gets an answer soon, also behind a long write."""
    try:
        with waiting_briefly():
            WriteProbe.objects.update_or_create(pk=1, defaults={"at": timezone.now()})
    except DatabaseError as error:
        logger.error("the database takes no row: %s", error)  # noqa: TRY400
        return False
    return True


def mail_is_stuck() -> bool:
    waits = OutgoingMail.objects.filter(state=OutgoingState.QUEUED, queued_at__lt=timezone.now() - MAIL_IS_LATE)
    return waits.exists() or OutgoingMail.objects.stuck().exists()


def tasks_are_stuck() -> bool:
    late = DBTaskResult.objects.ready().filter(enqueued_at__lt=timezone.now() - TASKS_ARE_LATE)
    failed = DBTaskResult.objects.failed().filter(finished_at__gt=timezone.now() - FAILED_TASKS_SHOWN)
    return failed.exists() or late.exclude(run_after__gt=timezone.now() - TASKS_ARE_LATE).exists()
