"""The façade: everything that the rest of the product asks of search."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, transaction

from search.documents import Document, all_documents
from search.engines import engine
from search.engines.base import Health
from search.queries import Hit, Query, Results, parse

REBUILD_BATCH = 400


def put(documents: Iterable[Document]) -> None:
    """Index the documents, replacing what was there under the same kind and id.

    In the caller's transaction where the index lies in its database; else once that transaction commits.
    """
    _with_the_records(partial(engine().put, list(documents)))


def remove(kind: str, ids: Iterable[int]) -> None:
    _with_the_records(partial(engine().remove, kind, list(ids)))


def _with_the_records(write: Callable[[], None]) -> None:
    if settings.SEARCH_DATABASE == DEFAULT_DB_ALIAS:
        write()
    else:
        transaction.on_commit(write)


def search(query: Query) -> Results:
    return engine().search(query)


def similar(text: str, *, audience: frozenset[str], kind: str, limit: int) -> tuple[Hit, ...]:
    """Records of one kind that resemble a text, the most similar first, among those the audience may find."""
    return engine().similar(text, parse("", audience=audience, kinds=frozenset({kind}), limit=limit))


def matching_ids(text: str, *, kind: str) -> list[int]:
    """Ids of the records of one kind that match, without asking who may see them: only to narrow a QuerySet
    that is already limited to its reader (the boxes of the Wagtail admin)."""
    return engine().matching_ids(parse(text, audience=None, kinds=frozenset({kind})))


def rebuild() -> int:
    """Index every registered record afresh. Returns how many."""
    serving, count, batch = engine(), 0, []
    serving.clear()
    for document in all_documents():
        batch.append(document)
        count += 1
        if len(batch) == REBUILD_BATCH:
            serving.put(batch)
            batch = []
    serving.put(batch)
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
