"""What happened to a home, told by every room that keeps records of it. A room registers one source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from estates.access import Person
    from estates.models import Unit


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `kind` and `words` are for the reader, in his language; `url` leads to the record."""

    at: datetime
    kind: str
    words: str
    who: str = ""
    url: str = ""


Source = Callable[["Person", "Unit"], Iterable[Event]]
_sources: list[Source] = []


def register_timeline(source: Source) -> None:
    """`source` tells only what the person may see."""
    _sources.append(source)


def events_of(user: Person, unit: Unit) -> list[Event]:
    """Everything that the person may know of the unit, the newest first."""
    told = [event for source in _sources for event in source(user, unit)]
    return sorted(told, key=lambda event: event.at, reverse=True)
