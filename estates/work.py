"""What waits for a person, as every room tells it for the page of his work; and the first rows of a long list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

from django.db.models import Model

if TYPE_CHECKING:
    from django.db.models import QuerySet

Item = TypeVar("Item")
Record = TypeVar("Record", bound=Model)


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


@dataclass(frozen=True, slots=True)
class First(Generic[Item]):
    """The first rows of a list that may be long, and how long it is: its length is that of the list, so that nothing is
    cut without a word."""

    rows: Sequence[Item]
    total: int

    def __iter__(self) -> Iterator[Item]:
        return iter(self.rows)

    def __len__(self) -> int:
        return self.total

    @property
    def shown(self) -> int:
        return len(self.rows)

    @property
    def is_cut(self) -> bool:
        return self.shown < self.total


def first_of(rows: QuerySet[Record], most: int) -> First[Record]:
    """The first `most`; the others are counted only where there are any."""
    found = list(rows[: most + 1])
    total = len(found) if len(found) <= most else rows.order_by().count()
    return First(found[:most], total)


def parts_of(rows: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The rows, `size` at a time: for what is read in bulk and would not fit at once."""
    rest = iter(rows)
    while part := list(islice(rest, size)):
        yield part
