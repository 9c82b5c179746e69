"""What a record gives to search, and where a rebuild gets it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from search.meaning.encoder import Meaning

FACETS = ("estate", "month", "department", "discipline", "category", "stage", "kind", "state")


@dataclass(frozen=True, slots=True)
class Document:
    """One findable record.

    `facets` maps names of FACETS to codes. `audience` holds tokens; a person who holds one of them may find it.
    `codes` are texts that name units or numbers. `names` and `phones` are those of staff, whom everybody may look
    up; a customer's never come here.
    """

    kind: str
    id: int
    title: str
    body: str
    date: date
    audience: frozenset[str]
    codes: tuple[str, ...] = ()
    facets: dict[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    meaning: Meaning | None = None
    """Given with it to an engine that keeps none of its own; no part of what the record says."""

    @property
    def digest(self) -> str:
        """Equal digests, equal documents: how an index is compared with the records."""
        content = [
            self.kind,
            self.id,
            self.title,
            self.body,
            self.date.isoformat(),
            sorted(self.audience),
            self.codes,
            sorted((name, value) for name, value in self.facets.items() if value),
            self.names,
            self.phones,
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


Source = Callable[[Collection[int] | None], Iterator[Document]]
_sources: dict[str, Source] = {}


def register_source(kind: str, documents: Source) -> None:
    """`documents` reads records of this kind again: those of the ids that still exist, or with None all of them."""
    if _sources.setdefault(kind, documents) is not documents:
        raise ValueError(f"search source {kind!r} is registered twice")


def all_documents() -> Iterator[Document]:
    for documents in _sources.values():
        yield from documents(None)


def ids_by_kind(keys: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """Kind and id of records, gathered by kind; each id once, in the order given."""
    found: dict[str, dict[int, None]] = {}
    for kind, pk in keys:
        found.setdefault(kind, {})[pk] = None
    return {kind: list(ids) for kind, ids in found.items()}


def documents_of(kind: str, ids: Collection[int]) -> dict[int, Document]:
    """The records as they are now, by id; those that are gone are left out, as are kinds nobody registered."""
    source = _sources.get(kind)
    return {document.id: document for document in source(ids)} if source else {}
