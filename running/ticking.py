"""Runs what is due. Several may tick at once: each act is claimed by a lease that is renewed while it runs.

An act that was due several times while nothing ran (a weekend, a fallen server) is done once. One that fails is tried
again soon, ever more rarely, and keeps nobody else from his turn.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import override

from running.acts import Act, acts
from running.models import PeriodicAct
from running.outages import Unavailable

LEASE = timedelta(minutes=5)
RENEW_EVERY = 60.0
AGAIN_AFTER = (1, 5, 15, 60)
"""Minutes until an act that failed is tried again, by how often it failed in a row."""

TOLD_IN_FULL = (CommandError, Unavailable)
"""What these say is written for people; of other errors only the name is kept, for they may quote what they met."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    name: str
    trouble: str = ""


def run_due(now: datetime | None = None, *, only: str = "") -> list[Ended]:
    """Run each act that is due once; with `only`, that one act whether or not it is due. Tells how each ended; acts
    that another is at are left out."""
    ended = []
    for act in acts():
        if (only and act.name != only) or act.lack():
            continue
        moment = now or timezone.now()
        holder = _claim(act, moment, anyway=bool(only))
        if holder:
            ended.append(_run(act, holder, now))
    return ended


def _claim(act: Act, moment: datetime, *, anyway: bool) -> UUID | None:
    """A first sight makes an act due at once. A lease that reaches further than any can is of a clock set back."""
    PeriodicAct.objects.get_or_create(name=act.name, defaults={"due_at": moment})
    row = PeriodicAct.objects.filter(pk=act.name)
    mine = row if anyway else row.filter(due_at__lte=moment)
    free = Q(held_until=None) | Q(held_until__lte=moment) | Q(held_until__gt=moment + LEASE)
    holder = uuid4()
    taken = mine.filter(free).update(holder=holder, held_until=moment + LEASE, began_at=moment)
    return holder if taken else None


def _run(act: Act, holder: UUID, now: datetime | None) -> Ended:
    trouble = ""
    with _held(act, holder), override(settings.LANGUAGE_CODE):
        try:
            act.run()
        except Exception as error:
            logger.exception("periodic act %s failed", act.name)
            trouble = (str(error) if isinstance(error, TOLD_IN_FULL) else type(error).__name__)[:200]
    moment = now or timezone.now()
    row = PeriodicAct.objects.filter(pk=act.name, holder=holder)
    if trouble:
        if mine := row.first():  # the lease may have gone to another
            _note_failure(act, mine, trouble, moment)
    else:
        row.update(
            holder=None,
            held_until=None,
            failures=0,
            trouble="",
            succeeded_at=moment,
            due_at=act.rhythm.after(moment),
        )
    return Ended(act.name, trouble)


def _note_failure(act: Act, row: PeriodicAct, trouble: str, moment: datetime) -> None:
    wait = AGAIN_AFTER[min(row.failures, len(AGAIN_AFTER) - 1)]
    again = min(act.rhythm.after(moment), moment + timedelta(minutes=wait))
    PeriodicAct.objects.filter(pk=act.name, holder=row.holder).update(
        holder=None, held_until=None, failures=F("failures") + 1, trouble=trouble, due_at=again
    )


@contextmanager
def _held(act: Act, holder: UUID) -> Iterator[None]:
    """The lease is renewed beside the act, which may take an hour."""
    over = threading.Event()
    thread = threading.Thread(target=_renew, args=[act.name, holder, over], daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()


def _renew(name: str, holder: UUID, over: threading.Event) -> None:
    while not over.wait(RENEW_EVERY):
        try:
            PeriodicAct.objects.filter(pk=name, holder=holder).update(held_until=timezone.now() + LEASE)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("the lease of %s was not renewed: %s", name, type(error).__name__)
        finally:
            connection.close()
