"""What a record gives to search, and where a rebuild gets it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

FACETS = ("estate", "month", "department", "category", "stage", "kind", "state")


@dataclass(frozen=True, slots=True)
class Document:
    """One findable record.

    `facets` maps names of FACETS to codes. `audience` holds tokens; a person who holds one of them may find it.
    `codes` are texts that name units or numbers.
    """

    kind: str
    id: int
    title: str
    body: str
    date: date
    audience: frozenset[str]
    codes: tuple[str, ...] = ()
    facets: dict[str, str] = field(default_factory=dict)


Source = Callable[[], Iterator[Document]]
_sources: dict[str, Source] = {}


def register_source(kind: str, documents: Source) -> None:
    """Records of this kind can be read again, all of them, for a rebuild."""
    if _sources.setdefault(kind, documents) is not documents:
        raise ValueError(f"search source {kind!r} is registered twice")


def all_documents() -> Iterable[Document]:
    for documents in _sources.values():
        yield from documents()
