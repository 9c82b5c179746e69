"""What an engine does: keep documents, tell which match, and hand over candidates. It never ranks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from search.documents import Document
from search.meaning.encoder import Meaning
from search.queries import Audience, Hit, Selection


class EngineFailure(Exception):
    """The engine's server did not answer, or not with what was asked."""


@dataclass(frozen=True, slots=True)
class Health:
    engine: str
    documents: int
    ok: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that was selected, with its normalised texts."""

    kind: str
    id: int
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the records the audience may find: how many there are, and in how many each token stands. Nobody else's
    records change anybody's results."""

    documents: int
    frequency: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Counts:
    total: int
    facets: Mapping[str, tuple[tuple[str, int], ...]]


class Engine(Protocol):
    """Writes take part in the caller's transaction where the engine is its database."""

    name: str

    def put(self, documents: Iterable[Document]) -> None:
        """Replace the documents under their kinds and ids."""

    def remove(self, kind: str, ids: Iterable[int]) -> None: ...

    def clear(self) -> None: ...

    def settle(self) -> None:
        """After very many writes: bring what the server knows of its tables up to date, or its plans stay slow."""

    def counts(self, selection: Selection) -> Counts:
        """How many records, and how they spread over each facet: the most frequent value first."""
        ...

    def statistics(self, tokens: Sequence[str], audience: Audience) -> Statistics: ...

    def candidates(self, selection: Selection, weights: Mapping[str, int], limit: int) -> list[Candidate]:
        """The selected records with the largest sum of weights of the tokens they hold, a token in the title
        counted twice; ties: the larger id first, then the kind."""
        ...

    def nearest(self, selection: Selection, question: Meaning, limit: int) -> tuple[Hit, ...]:
        """The selected records that mean most nearly what is asked, by the cosine of their vectors, the nearest first;
        those that nobody has encoded yet are not among them."""
        ...

    def newest(self, selection: Selection, limit: int) -> tuple[Hit, ...]:
        """By date, the latest first; ties: the larger id first, then the kind."""
        ...

    def ids(self, selection: Selection) -> list[int]:
        """Ids of all selected records, unordered."""
        ...

    def digests(self) -> Iterable[tuple[str, int, str]]:
        """Kind, id and digest of every document."""
        ...

    def health(self) -> Health: ...
