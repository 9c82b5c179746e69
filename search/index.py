"""The façade: everything that the rest of the product asks of search."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from django.conf import settings
from django.db import transaction

from search import language, searching, suggestions, upkeep
from search.documents import Document, ids_by_kind
from search.engines import Engine, EngineFailure, database_engine, elasticsearch_engine
from search.engines.base import Health
from search.meaning import encoding
from search.meaning.encoder import Meaning, NoEncoder, encoder
from search.meaning.encoding import Progress
from search.models import OutboxEntry
from search.queries import Audience, Hit, Query, Results
from search.synonyms import synonyms
from search.tasks import wake_encoder
from search.upkeep import Lag

LEFT_ALONE = 5.0
"""Seconds for which a failed Elasticsearch is not asked again by this process."""

logger = logging.getLogger(__name__)
T = TypeVar("T")
_ask_again_at = 0.0


class Reason(StrEnum):
    """Why an engine answers: there is no other; it is up to date; Elasticsearch is behind, or failed just now."""

    ALONE = "alone"
    ELASTICSEARCH = "elasticsearch"
    BEHIND = "behind"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Status:
    """How search does: each engine, the one that answers this process and why, what waits (None: no Elasticsearch)."""

    engines: tuple[Health, ...]
    serving: str
    reason: Reason
    lag: Lag | None
    meaning: Progress


@transaction.atomic
def put(documents: Iterable[Document]) -> None:
    """Index the documents, replacing what was there under the same kind and id, in the caller's transaction."""
    given, engine = list(documents), database_engine()
    transaction.on_commit(wake_encoder)
    if not settings.ELASTICSEARCH_URL:
        engine.put(given)
        return
    changed = ids_by_kind((document.kind, document.id) for document in given)
    known = {kind: engine.known(kind, ids) for kind, ids in changed.items()}
    engine.put(given)
    for kind, ids in changed.items():
        upkeep.queue(kind, ids, known=known[kind])


@transaction.atomic
def remove(kind: str, ids: Iterable[int]) -> None:
    gone = list(ids)
    database_engine().remove(kind, gone)
    if settings.ELASTICSEARCH_URL:
        upkeep.queue(kind, gone, known=gone)


def parse(  # noqa: PLR0913  each is a part of the question
    text: str,
    *,
    audience: Audience,
    facets: Mapping[str, str] | None = None,
    kinds: frozenset[str] = frozenset(),
    by_date: bool = False,
    seen: frozenset[int] = frozenset(),
    limit: int = 20,
) -> Query:
    """What a person typed, with what they chose by click, as a query. Never an error."""
    return language.parse(
        text,
        audience=audience,
        facets=facets,
        kinds=kinds,
        synonyms=synonyms(),
        by_date=by_date,
        seen=seen,
        limit=limit,
    )


def search(query: Query) -> Results:
    """The answer of Elasticsearch where it serves and is not behind, else the database's; `degraded` says that
    Elasticsearch should have answered and could not."""
    results, degraded = _answer(lambda engine: searching.search(engine, query, understand=_understood))
    return replace(results, degraded=True) if degraded else results


def count(query: Query) -> int:
    """How many records hold everything asked for: the `total` of `search`, without looking for more."""
    total, _degraded = _answer(lambda engine: engine.counts(query.selection).total)
    return total


def _understood(text: str) -> Meaning | None:
    """What a question means, where there is an encoder."""
    try:
        return encoder().of_question(text)
    except NoEncoder:
        return None


def titled(text: str, *, audience: Audience, kinds: frozenset[str], limit: int) -> tuple[Hit, ...]:
    """Records with the text in their title, among those the audience may find; the latest first."""
    hits, _degraded = _answer(
        lambda engine: searching.titled(engine, text, audience=audience, kinds=kinds, limit=limit)
    )
    return hits


def did_you_mean(text: str, query: Query) -> tuple[str, ...]:
    """For a text that found nothing: up to three that find something, each with one word put right."""
    corrections, _degraded = _answer(lambda engine: suggestions.did_you_mean(engine, text, query))
    return corrections


def similar(text: str, *, audience: Audience, kind: str, limit: int) -> tuple[Hit, ...]:
    """Records of one kind that resemble a text, the most similar first, among those the audience may find."""
    hits, _degraded = _answer(lambda engine: searching.similar(engine, text, audience=audience, kind=kind, limit=limit))
    return hits


def _answer(ask: Callable[[Engine], T]) -> tuple[T, bool]:
    """The answer, and whether it comes from the database because Elasticsearch failed."""
    global _ask_again_at  # noqa: PLW0603  one process, one opinion of the server
    engine, reason = _serving()
    if reason is not Reason.ELASTICSEARCH:
        return ask(engine), reason is Reason.FAILED
    try:
        answer = ask(engine)
    except EngineFailure as failure:
        logger.warning("Elasticsearch did not answer, the database does: %s", failure)
        _ask_again_at = time.monotonic() + LEFT_ALONE
        return ask(database_engine()), True
    return answer, False


def _serving() -> tuple[Engine, Reason]:
    """The engine to ask, and why that one.

    As long as a change to a findable record is not delivered, the database answers: what left an audience must not
    be found by it for a second.
    """
    elasticsearch = elasticsearch_engine()
    if elasticsearch is None:
        return database_engine(), Reason.ALONE
    if OutboxEntry.objects.filter(replaces=True).exists():
        return database_engine(), Reason.BEHIND
    if time.monotonic() < _ask_again_at:
        return database_engine(), Reason.FAILED
    return elasticsearch, Reason.ELASTICSEARCH


def found_by(query: Query, *, among: Collection[int] | None = None) -> list[int]:
    """Ids of every record that the query finds, or those of the given ones; the database knows, however far behind
    another engine is."""
    return database_engine().ids(query.selection, among=among)


def matching_ids(text: str, *, kind: str) -> list[int]:
    """Ids of the records of one kind that match, without asking who may see them: only to narrow a QuerySet
    that is already limited to its reader (the boxes of the Wagtail admin)."""
    return database_engine().ids(parse(text, audience=None, kinds=frozenset({kind})).selection)


def rebuild(progress: Callable[[int], object] = lambda count: None) -> int:
    """Index every registered record afresh, in the database and, where it serves, in Elasticsearch, without a gap.

    Returns how many; `progress` is told as they are done. Raises EngineFailure when Elasticsearch is away.
    """
    count = upkeep.rebuild_database(progress)
    if elasticsearch := elasticsearch_engine():
        upkeep.rebuild_elasticsearch(elasticsearch, progress)
    return count


def is_sound() -> bool:
    """Can the database engine answer, when nothing else does? Cheap, whatever the size."""
    return database_engine().answers()


def go_on_encoding() -> None:
    """Where the worker that read what records mean was ended: another goes on."""
    encoding.forget_task()
    wake_encoder()


def status() -> Status:
    """Asks every engine; an engine that does not answer is not ok."""
    engines = [database_engine().health()]
    elasticsearch = elasticsearch_engine()
    if elasticsearch:
        try:
            engines.append(elasticsearch.health())
        except EngineFailure as failure:
            logger.warning("Elasticsearch does not answer: %s", failure)
            engines.append(Health(elasticsearch.name, 0, ok=False))
    engine, reason = _serving()
    return Status(tuple(engines), engine.name, reason, upkeep.lag() if elasticsearch else None, encoding.progress_of())


__all__ = [
    "Document",
    "Health",
    "Hit",
    "Query",
    "Reason",
    "Results",
    "Status",
    "count",
    "did_you_mean",
    "found_by",
    "go_on_encoding",
    "is_sound",
    "matching_ids",
    "parse",
    "put",
    "rebuild",
    "remove",
    "search",
    "similar",
    "status",
    "titled",
]
