"""What the two database engines share: rows in the site's database, and the questions that plain SQL answers.

An engine says where its streams are (`STREAMS`), how entries are written there, and how a selection is a condition.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TypeAlias

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from search.documents import FACETS, Document, ids_by_kind
from search.engines.base import Candidate, Counts, Health, Statistics
from search.meaning.encoder import Meaning
from search.meaning.vectors import Key, vectors_of
from search.models import DocumentMeaning, IndexedDocument
from search.queries import Audience, Hit, Selection
from search.streams import IndexEntry, entry_of

BATCH = 400
Value: TypeAlias = "str | int | list[str]"
Parameters: TypeAlias = "list[Value]"
Sql: TypeAlias = "tuple[str, Parameters]"
NEWEST = "d.date DESC, d.record_id DESC, d.kind"


class RowsEngine(ABC):
    """An engine in the site's own database: its writes are part of the caller's transaction."""

    name = ""
    STREAMS = ""

    def __init__(self, alias: str = DEFAULT_DB_ALIAS) -> None:
        self.alias = alias

    @abstractmethod
    def write_streams(self, entries: Sequence[tuple[int, IndexEntry]]) -> None:
        """Store the streams under these row ids."""

    @abstractmethod
    def source(self, selection: Selection) -> Sql:
        """FROM and WHERE of the streams alone, for `selection` without facets and dates; rows are `d`."""

    @abstractmethod
    def settle(self) -> None: ...

    @abstractmethod
    def statistics(self, tokens: Sequence[str], audience: Audience) -> Statistics: ...

    @abstractmethod
    def candidates(self, selection: Selection, weights: Mapping[str, int], limit: int) -> list[Candidate]: ...

    def put(self, documents: Iterable[Document]) -> None:
        unread = iter(documents)
        with transaction.atomic(using=self.alias):
            while batch := list(islice(unread, BATCH)):
                self._put_batch([entry_of(document) for document in batch])

    def _put_batch(self, entries: Sequence[IndexEntry]) -> None:
        latest = {(entry.kind, entry.id): entry for entry in entries}
        for kind, ids in ids_by_kind(latest).items():
            self._remove_rows(kind, ids)
        self._keep_meanings(latest.values())
        rows = IndexedDocument.objects.using(self.alias).bulk_create([_row(entry) for entry in latest.values()])
        self.write_streams([(row.pk, entry) for row, entry in zip(rows, latest.values(), strict=True)])

    def _keep_meanings(self, entries: Collection[IndexEntry]) -> None:
        """A vector whose text is another now is gone with that text; one that comes with its record is stored."""
        stored = DocumentMeaning.objects.using(self.alias)
        for kind, ids in ids_by_kind((entry.kind, entry.id) for entry in entries).items():
            digests = {entry.id: text_digest(entry) for entry in entries if entry.kind == kind and not entry.meaning}
            known = stored.filter(kind=kind, record_id__in=ids).values_list("pk", "record_id", "digest")
            stored.filter(pk__in=[pk for pk, record, digest in known if digests.get(record) != digest]).delete()
        stored.bulk_create(meaning_row(entry, entry.meaning) for entry in entries if entry.meaning)

    def remove(self, kind: str, ids: Iterable[int]) -> None:
        gone = list(ids)
        with transaction.atomic(using=self.alias):
            DocumentMeaning.objects.using(self.alias).filter(kind=kind, record_id__in=gone).delete()
            self._remove_rows(kind, gone)

    def _remove_rows(self, kind: str, ids: Iterable[int]) -> None:
        doomed = IndexedDocument.objects.using(self.alias).filter(kind=kind, record_id__in=list(ids))
        rows: Parameters = list(doomed.values_list("pk", flat=True))
        if not rows:
            return
        marks = ", ".join(["%s"] * len(rows))
        self.execute(f"DELETE FROM {self.STREAMS} WHERE rowid IN ({marks})", rows)
        doomed.delete()

    def clear(self) -> None:
        with transaction.atomic(using=self.alias):
            self.execute(f"DELETE FROM {self.STREAMS}", [])
            IndexedDocument.objects.using(self.alias).all().delete()

    def counts(self, selection: Selection) -> Counts:
        where, parameters = self.selected(selection)
        columns = ", ".join(f"d.{name}" for name in FACETS)
        spread = " UNION ALL ".join(
            f"SELECT '{name}', {name}, count(*) FROM hits WHERE {name} != '' GROUP BY {name}" for name in FACETS
        )
        hits = f"WITH hits AS MATERIALIZED (SELECT {columns} {where})"
        sql = f"{hits} SELECT '', '', count(*) FROM hits UNION ALL {spread}"
        facets: dict[str, list[tuple[str, int]]] = {name: [] for name in FACETS}
        total = 0
        for name, value, count in self.rows(sql, parameters):
            if name:
                facets[str(name)].append((str(value), int(str(count))))
            else:
                total = int(str(count))
        ordered = {name: tuple(sorted(found, key=lambda f: (-f[1], f[0]))) for name, found in facets.items()}
        return Counts(total, ordered)

    def newest(self, selection: Selection, limit: int) -> tuple[Hit, ...]:
        where, parameters = self.selected(selection)
        sql = f"SELECT d.kind, d.record_id {where} ORDER BY {NEWEST} LIMIT %s"
        return tuple(Hit(str(kind), int(str(pk))) for kind, pk in self.rows(sql, [*parameters, limit]))

    def nearest(self, selection: Selection, question: Meaning, limit: int) -> tuple[Hit, ...]:
        found = vectors_of(self.alias, question.model).nearest(
            question, limit, among=partial(self._among, selection), every=partial(self._keys, selection)
        )
        return tuple(Hit(kind, pk, score=cosine, by_meaning=True) for (kind, pk), cosine in found)

    def _among(self, selection: Selection, keys: Collection[Key]) -> set[Key]:
        """Those of the records that are selected."""
        where, parameters = self._within(selection, [pk for _kind, pk in keys])
        rows = self.rows(f"SELECT d.kind, d.record_id {where}", parameters)
        return {(str(kind), int(str(pk))) for kind, pk in rows}.intersection(keys)

    def _within(self, selection: Selection, records: Collection[int]) -> Sql:
        """FROM and WHERE of the selection among a few records: by their rows, which the streams are looked up by."""
        where, parameters = self.selected(selection)
        known = IndexedDocument.objects.using(self.alias).filter(record_id__in=records)
        rows: Parameters = list(known.values_list("pk", flat=True))
        marks = ", ".join(["%s"] * len(rows)) or "NULL"
        return f"{where} AND {self.row_in(where)} IN ({marks})", [*parameters, *rows]

    def row_in(self, where: str) -> str:
        """The row's id by which the engine finds it soonest."""
        return "d.id"

    def _keys(self, selection: Selection) -> list[Key]:
        where, parameters = self.selected(selection)
        return [(str(kind), int(str(pk))) for kind, pk in self.rows(f"SELECT d.kind, d.record_id {where}", parameters)]

    def ids(self, selection: Selection, *, among: Collection[int] | None = None) -> list[int]:
        where, parameters = self.selected(selection) if among is None else self._within(selection, among)
        return [int(str(row[0])) for row in self.rows(f"SELECT d.record_id {where}", parameters)]

    def digests(self) -> Iterable[tuple[str, int, str]]:
        """Kind, id and digest of every document."""
        rows = IndexedDocument.objects.using(self.alias).order_by("pk")
        return rows.values_list("kind", "record_id", "digest").iterator()

    def known(self, kind: str, ids: Collection[int]) -> set[int]:
        """Which of the records are in the index."""
        rows = IndexedDocument.objects.using(self.alias).filter(kind=kind, record_id__in=ids)
        return set(rows.values_list("record_id", flat=True))

    def answers(self) -> bool:
        """Are there streams where there are documents? No count: fit to be asked every second."""
        documents, streams = IndexedDocument.objects.using(self.alias), f"SELECT 1 FROM {self.STREAMS} LIMIT 1"
        return documents.exists() == bool(self.rows(streams, []))

    def health(self) -> Health:
        count = IndexedDocument.objects.using(self.alias).count()
        return Health(self.name, count, self.rows(f"SELECT count(*) FROM {self.STREAMS}", []) == [(count,)])

    def selected(self, selection: Selection) -> Sql:
        """FROM and WHERE of the whole selection: permission first, then texts and codes, facets and dates."""
        where, parameters = self.source(selection)
        conditions, values = [], list(parameters)
        for name, given in self._facets(selection.facets):
            conditions.append(f"d.{name} IN ({', '.join(['%s'] * len(given))})" if given else "1 = 0")
            values += given
        for name, given in self._facets(selection.without):
            conditions.append(f"d.{name} NOT IN ({', '.join(['%s'] * len(given))})")
            values += given
        for sign, day in ((">=", selection.since), ("<=", selection.until)):
            if day:
                conditions.append(f"d.date {sign} %s")
                values.append(day.isoformat())
        return " AND ".join([where, *conditions]), values

    @staticmethod
    def _facets(facets: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, list[str]]]:
        for name in FACETS:
            if name in facets:
                yield name, sorted(facets[name])

    def rows(self, sql: str, parameters: Parameters) -> list[tuple[object, ...]]:
        with connections[self.alias].cursor() as cursor:
            cursor.execute(sql, parameters)
            found: list[tuple[object, ...]] = cursor.fetchall()
            return found

    def execute(self, sql: str, parameters: Parameters) -> None:
        with connections[self.alias].cursor() as cursor:
            cursor.execute(sql, parameters)

    @staticmethod
    def as_candidates(rows: Iterable[Sequence[object]]) -> list[Candidate]:
        return [Candidate(str(kind), int(str(pk)), str(title), str(body)) for kind, pk, title, body in rows]


def _row(entry: IndexEntry) -> IndexedDocument:
    return IndexedDocument(
        kind=entry.kind,
        record_id=entry.id,
        title=entry.title,
        body=entry.body,
        date=entry.date,
        digest=entry.digest,
        **entry.facets,
    )


def text_digest(row: IndexEntry | IndexedDocument) -> str:
    """Equal digests, equal texts, hence equal meanings."""
    return hashlib.sha256(f"{row.title}\0{row.body}".encode("utf-8", "replace")).hexdigest()[:32]


def meaning_row(row: IndexEntry | IndexedDocument, meaning: Meaning) -> DocumentMeaning:
    pk = row.record_id if isinstance(row, IndexedDocument) else row.id
    return DocumentMeaning(
        kind=row.kind, record_id=pk, model=meaning.model, digest=text_digest(row), vector=meaning.vector
    )
