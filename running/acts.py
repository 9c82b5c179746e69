"""Everything that the product does by itself from time to time, registered by the package that owns it.

    register_act(Act("remind", _("催办"), remind_all, Daily(7, 30, only=is_workday), commands=("remind",)))

An act is idempotent: it may be run again after it was cut off, and twice at a stretch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import Protocol

from django.core.management import call_command
from django.utils import timezone
from django.utils.functional import Promise

LONGEST_PAUSE_DAYS = 60
"""No run of holidays is longer."""


class Rhythm(Protocol):
    def after(self, moment: datetime) -> datetime:
        """The next time after the moment."""


@dataclass(frozen=True, slots=True)
class Every:
    minutes: int

    def after(self, moment: datetime) -> datetime:
        return moment + timedelta(minutes=self.minutes)


def any_day(day: date) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Daily:
    """At that time of the site's own zone, on the days that `only` lets through."""

    hour: int
    minute: int = 0
    only: Callable[[date], bool] = any_day

    def after(self, moment: datetime) -> datetime:
        zone = timezone.get_default_timezone()
        day = moment.astimezone(zone).date()
        for _n in range(LONGEST_PAUSE_DAYS):
            at = datetime.combine(day, time(self.hour, self.minute), zone)
            if at > moment and self.only(day):
                return at
            day += timedelta(1)
        return datetime.combine(day, time(self.hour, self.minute), zone)


@dataclass(frozen=True, slots=True)
class Act:
    """`commands` are the management commands that do the same by hand; `lack` tells why the act cannot be done as the
    site is set up, and is empty where it can."""

    name: str
    title: str | Promise
    run: Callable[[], object]
    rhythm: Rhythm
    commands: tuple[str, ...] = ()
    lack: Callable[[], str] = str


def by_command(name: str, *arguments: str) -> Callable[[], object]:
    """The act that this management command does."""
    return lambda: call_command(name, *arguments, stdout=StringIO())


_acts: dict[str, Act] = {}


def register_act(act: Act) -> None:
    """Raises ValueError for a name that is taken by another."""
    if act.name in _acts and _acts[act.name] != act:
        raise ValueError(act.name)
    _acts[act.name] = act


def acts() -> list[Act]:
    return list(_acts.values())
