"""The façade: everything that the rest of the product asks of search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from search import language, searching
from search.documents import Document, all_documents
from search.engines import engine
from search.engines.base import Health
from search.queries import Audience, Hit, Query, Results

REBUILD_BATCH = 400


def put(documents: Iterable[Document]) -> None:
    """Index the documents, replacing what was there under the same kind and id, in the caller's transaction."""
    engine().put(documents)


def remove(kind: str, ids: Iterable[int]) -> None:
    engine().remove(kind, ids)


def parse(  # noqa: PLR0913  each is a part of the question
    text: str,
    *,
    audience: Audience,
    facets: Mapping[str, str] | None = None,
    kinds: frozenset[str] = frozenset(),
    by_date: bool = False,
    offset: int = 0,
    limit: int = 20,
) -> Query:
    """What a person typed, with what they chose by click, as a query. Never an error."""
    return language.parse(
        text, audience=audience, facets=facets, kinds=kinds, by_date=by_date, offset=offset, limit=limit
    )


def search(query: Query) -> Results:
    return searching.search(engine(), query)


def similar(text: str, *, audience: Audience, kind: str, limit: int) -> tuple[Hit, ...]:
    """Records of one kind that resemble a text, the most similar first, among those the audience may find."""
    return searching.similar(engine(), text, audience=audience, kind=kind, limit=limit)


def matching_ids(text: str, *, kind: str) -> list[int]:
    """Ids of the records of one kind that match, without asking who may see them: only to narrow a QuerySet
    that is already limited to its reader (the boxes of the Wagtail admin)."""
    return engine().ids(parse(text, audience=None, kinds=frozenset({kind})).selection)


def rebuild(progress: Callable[[int], object] = lambda count: None) -> int:
    """Index every registered record afresh. Returns how many; `progress` is told of each batch."""
    serving, count, batch = engine(), 0, []
    serving.clear()
    for document in all_documents():
        batch.append(document)
        count += 1
        if len(batch) == REBUILD_BATCH:
            serving.put(batch)
            progress(len(batch))
            batch = []
    serving.put(batch)
    progress(len(batch))
    return count


def health() -> Health:
    return engine().health()


__all__ = [
    "Document",
    "Health",
    "Hit",
    "Query",
    "Results",
    "health",
    "matching_ids",
    "parse",
    "put",
    "rebuild",
    "remove",
    "search",
    "similar",
]
