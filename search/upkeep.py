"""Elasticsearch follows the database: what changed waits in an outbox until it is delivered; differences are found
and mended. The database engine needs none of this: it changes with the records."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.utils import timezone

from search.documents import Document, all_documents, documents_of, ids_by_kind
from search.engines import Engine, EngineFailure, database_engine, elasticsearch_engine
from search.engines.elastic import Change, ElasticsearchEngine
from search.meaning.encoder import Meaning
from search.models import DocumentMeaning, FeedState, OutboxEntry

BATCH = 400
LONGEST_PAUSE = 60
REBUILD_LEASE = timedelta(minutes=2)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lag:
    """What waits for delivery, since when, and why it does if delivery fails."""

    waiting: int
    oldest: datetime | None
    failures: int
    error: str
    rebuilding: bool


@dataclass(frozen=True, slots=True)
class Differences:
    """Kind and id of records that an index lacks, holds in another state, or holds although they are gone."""

    missing: tuple[tuple[str, int], ...]
    stale: tuple[tuple[str, int], ...]
    superfluous: tuple[tuple[str, int], ...]

    def __len__(self) -> int:
        return len(self.missing) + len(self.stale) + len(self.superfluous)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        yield from (*self.missing, *self.stale, *self.superfluous)


def queue(kind: str, ids: Collection[int], *, known: Collection[int]) -> None:
    """Note that these records changed; `known` ones were findable before. Called after the database engine's write,
    in its transaction, so that the order of entries is the order of states."""
    OutboxEntry.objects.bulk_create(
        [OutboxEntry(kind=kind, record_id=pk, replaces=pk in known) for pk in ids], batch_size=BATCH
    )


def make_ready() -> None:
    """An index that is not there, or has another mapping than ours, is made anew from the records.

    Raises EngineFailure, after noting it.
    """
    engine = elasticsearch_engine()
    if engine is None:
        return
    try:
        if not engine.is_ready():
            logger.warning("Elasticsearch has no index of ours: it is made anew")
            rebuild_elasticsearch(engine, lambda count: None)
    except EngineFailure as failure:
        _note_failure(str(failure))
        raise


def deliver() -> int:
    """Deliver one batch to Elasticsearch; returns how many entries are done with. The records' present state is sent:
    delivered twice, or late, it is the same or newer. Raises EngineFailure, after noting it; nothing is lost."""
    engine = elasticsearch_engine()
    state = feed_state()
    if engine is None or state.is_rebuilding:
        return 0
    entries = list(OutboxEntry.objects.order_by("pk")[:BATCH])
    if not entries:
        return 0
    try:
        engine.apply(_changes(entries))
    except EngineFailure as failure:
        _note_failure(str(failure))
        raise
    OutboxEntry.objects.filter(pk__in=[entry.pk for entry in entries]).delete()
    FeedState.objects.filter(pk=state.pk).update(failures=0, error="")
    return len(entries)


def deliver_all() -> int:
    done = 0
    while count := deliver():
        done += count
    return done


def pause_after(failures: int) -> float:
    """Seconds until the next attempt: 1, 2, 4 … up to a minute."""
    return float(min(2 ** max(failures - 1, 0), LONGEST_PAUSE))


def _changes(entries: Iterable[OutboxEntry]) -> Iterator[Change]:
    versions = {(entry.kind, entry.record_id): entry.pk for entry in entries}
    for kind, ids in ids_by_kind(versions).items():
        present = {document.id: document for document in with_meanings(documents_of(kind, ids).values())}
        for pk in ids:
            yield Change(kind, pk, present.get(pk), versions[kind, pk])


def feed_state() -> FeedState:
    state, _made = FeedState.objects.get_or_create(pk=1)
    return state


def _note_failure(error: str) -> None:
    state = feed_state()
    state.failures += 1
    state.error = error[:300]
    state.save()
    logger.warning("Elasticsearch took nothing (%d in a row): %s", state.failures, state.error)


def lag() -> Lag:
    oldest = OutboxEntry.objects.order_by("queued_at").first()
    state = feed_state()
    since = oldest.queued_at if oldest else None
    return Lag(OutboxEntry.objects.count(), since, state.failures, state.error, state.is_rebuilding)


def rebuild_database(progress: Callable[[int], object]) -> int:
    """The database engine afresh, in one transaction: nobody sees it half filled."""
    engine = database_engine()
    with transaction.atomic():
        engine.clear()
        engine.put(_told(progress))
        engine.settle()
    return engine.health().documents


def rebuild_elasticsearch(engine: ElasticsearchEngine, progress: Callable[[int], object]) -> int:
    """A new index, filled while the old one serves, then put in its place. What changes meanwhile waits in the outbox
    and is delivered to the new one. Raises EngineFailure; then the old one stays."""
    _hold_delivery(timezone.now() + REBUILD_LEASE)
    try:
        return engine.replace(_leased(with_meanings(_told(progress))))
    finally:
        _hold_delivery(None)


def _hold_delivery(until: datetime | None) -> None:
    FeedState.objects.filter(pk=feed_state().pk).update(rebuilding_until=until)


def with_meanings(documents: Iterable[Document]) -> Iterator[Document]:
    """The documents with what is stored of their meanings, for an engine elsewhere."""
    unread = iter(documents)
    while batch := list(islice(unread, BATCH)):
        known: dict[tuple[str, int], Meaning] = {}
        for kind, ids in ids_by_kind((document.kind, document.id) for document in batch).items():
            rows = DocumentMeaning.objects.filter(kind=kind, record_id__in=ids)
            for pk, model, vector in rows.values_list("record_id", "model", "vector"):
                known[kind, pk] = Meaning(model, bytes(vector))
        for document in batch:
            yield replace(document, meaning=known.get((document.kind, document.id)))


def _told(progress: Callable[[int], object]) -> Iterator[Document]:
    for document in all_documents():
        yield document
        progress(1)


def _leased(documents: Iterable[Document]) -> Iterator[Document]:
    """Renews the hold on delivery as the documents are read."""
    for number, document in enumerate(documents, 1):
        yield document
        if number % BATCH == 0:
            _hold_delivery(timezone.now() + REBUILD_LEASE)


def verify(engine: Engine, progress: Callable[[int], object] = lambda count: None) -> Differences:
    """Compare an index with the records. What waits for delivery to Elasticsearch is no difference yet."""
    waiting = set() if engine is database_engine() else set(OutboxEntry.objects.values_list("kind", "record_id"))
    found = {(kind, pk): digest for kind, pk, digest in engine.digests()}
    missing: list[tuple[str, int]] = []
    stale: list[tuple[str, int]] = []
    for document in all_documents():
        key = document.kind, document.id
        held = found.pop(key, None)
        if key not in waiting and held != document.digest:
            (stale if held else missing).append(key)
        progress(1)
    return Differences(tuple(missing), tuple(stale), tuple(key for key in found if key not in waiting))


def repair(engine: Engine, differences: Differences) -> None:
    """Bring the differing records to their present state: at once in the database, by the outbox in Elasticsearch."""
    for kind, ids in ids_by_kind(differences).items():
        if engine is not database_engine():
            queue(kind, ids, known=ids)
            continue
        present = documents_of(kind, ids)
        engine.remove(kind, [pk for pk in ids if pk not in present])
        engine.put(present.values())
