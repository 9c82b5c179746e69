from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from search.documents import Document
from search.queries import Hit, Query, Results


@dataclass(frozen=True, slots=True)
class Health:
    engine: str
    documents: int
    ok: bool


class Engine(Protocol):
    """What every engine does. Writes take part in the caller's transaction where the engine is its database."""

    def put(self, documents: Iterable[Document]) -> None: ...

    def remove(self, kind: str, ids: Iterable[int]) -> None: ...

    def search(self, query: Query) -> Results: ...

    def similar(self, text: str, query: Query) -> tuple[Hit, ...]: ...

    def matching_ids(self, query: Query) -> list[int]: ...

    def clear(self) -> None: ...

    def health(self) -> Health: ...
