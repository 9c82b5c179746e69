"""What waits for a person, as every room tells it for the page of his work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Row:
    """A line of work: where it is done, what it is about, until when."""

    url: str
    words: str
    chip: str = ""
    meta: Sequence[str] = ()
    due: date | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of work that waits; `count` is how much, of which `rows` are the first."""

    heading: str
    count: int
    rows: Sequence[Row]
