"""SQLite FTS5: the embedded engine. Tokens are made by `search.analysis`; FTS5 only stores and matches them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.conf import settings
from django.db import connections, transaction

from search.analysis import code_tokens, gram_stream, normalise, word_tokens
from search.documents import FACETS, Document
from search.engines.base import Health
from search.models import IndexedDocument
from search.queries import Hit, Query, Results, Term
from search.ranking import Candidate, Corpus, rank, weighted_tokens

CANDIDATES = 200
COMMON_SHARE = 0.05
TELLING_WORDS = 10
BATCH = 400
Row = tuple[object, ...]
Value = str | int
Parameters = list[Value]

INSERT = "INSERT INTO search_fts(rowid, title, body, words, codes, audience) VALUES (%s, %s, %s, %s, %s, %s)"
# CROSS JOIN keeps the order: else SQLite may walk an index of the documents and probe the full text row by row.
FROM_HITS = """FROM search_fts CROSS JOIN search_indexeddocument d ON d.id = search_fts.rowid
WHERE search_fts MATCH %s"""


class SqliteEngine:
    def put(self, documents: Iterable[Document]) -> None:
        """Replace the documents. One transaction, the caller's where there is one."""
        batch = list(documents)
        with transaction.atomic(using=settings.SEARCH_DATABASE):
            for start in range(0, len(batch), BATCH):
                self._put_batch(batch[start : start + BATCH])

    def _put_batch(self, batch: Sequence[Document]) -> None:
        for kind in {document.kind for document in batch}:
            self.remove(kind, [document.id for document in batch if document.kind == kind])
        rows = IndexedDocument.objects.bulk_create([_row(document) for document in batch])
        with connections[settings.SEARCH_DATABASE].cursor() as cursor:
            cursor.executemany(INSERT, [_streams(row.pk, doc) for row, doc in zip(rows, batch, strict=True)])

    def remove(self, kind: str, ids: Iterable[int]) -> None:
        doomed = IndexedDocument.objects.filter(kind=kind, record_id__in=list(ids))
        rowids = list(doomed.values_list("pk", flat=True))
        if not rowids:
            return
        with transaction.atomic(using=settings.SEARCH_DATABASE):
            marks = ", ".join(["%s"] * len(rowids))
            with connections[settings.SEARCH_DATABASE].cursor() as cursor:
                cursor.execute(f"DELETE FROM search_fts WHERE rowid IN ({marks})", rowids)  # noqa: S608  only marks
            doomed.delete()

    def clear(self) -> None:
        with transaction.atomic(using=settings.SEARCH_DATABASE):
            self._rows("DELETE FROM search_fts", [])
            IndexedDocument.objects.all().delete()

    def health(self) -> Health:
        count = IndexedDocument.objects.count()
        matched = self._rows("SELECT count(*) FROM search_fts", [])
        return Health("sqlite", count, matched == [(count,)])

    def search(self, query: Query) -> Results:
        """Records that hold everything first; when they fill less than a page, records that hold a part follow."""
        where, parameters = _conditions(query, _strict_match(query))
        total, facets = self._counts(where, parameters)
        if query.by_date or query.is_empty:
            return Results(self._by_date(where, parameters, query), total, facets)
        ranked = self._ranked(where, parameters, query)
        loosened = False
        if total < query.limit and (loose := self._loose_match(query)):
            known = {hit.id for hit in ranked}
            extra = [h for h in self._ranked(*_conditions(query, loose), query) if h.id not in known]
            loosened, ranked = bool(extra), [*ranked, *extra]
        return Results(tuple(ranked[query.offset : query.offset + query.limit]), total, facets, loosened)

    def similar(self, text: str, query: Query) -> tuple[Hit, ...]:
        """Records that share the rarest words of the text, the most similar first, among those the query allows."""
        words = list(dict.fromkeys(word_tokens(text)))
        frequencies = self._frequencies(words)
        known = sorted((w for w in words if frequencies.get(w)), key=lambda w: (frequencies[w], w))
        telling = known[:TELLING_WORDS]
        if not telling:
            return ()
        match = "{words} : (" + " OR ".join(_quoted(word) for word in telling) + ")"
        where, parameters = _conditions(query, match)
        return tuple(self._ranked(where, parameters, replace(query, words=tuple(telling)))[: query.limit])

    def matching_ids(self, query: Query) -> list[int]:
        """Ids of all records that hold everything asked for, unordered."""
        where, parameters = _conditions(query, _strict_match(query))
        return [int(str(row[0])) for row in self._rows(f"SELECT d.record_id {where}", parameters)]

    def _counts(self, where: str, parameters: Parameters) -> tuple[int, Mapping[str, tuple[tuple[str, int], ...]]]:
        columns = ", ".join(f"d.{name}" for name in FACETS)
        counts = " UNION ALL ".join(
            f"SELECT '{name}', {name}, count(*) FROM hits WHERE {name} != '' GROUP BY {name}"  # noqa: S608  our names
            for name in FACETS
        )
        sql = (
            f"WITH hits AS MATERIALIZED (SELECT {columns} {where}) SELECT '', '', count(*) FROM hits UNION ALL {counts}"  # noqa: S608
        )
        facets: dict[str, list[tuple[str, int]]] = {name: [] for name in FACETS}
        total = 0
        for name, value, count in self._rows(sql, parameters):
            if name:
                facets[str(name)].append((str(value), int(str(count))))
            else:
                total = int(str(count))
        return total, {name: tuple(sorted(found, key=lambda f: (-f[1], f[0]))) for name, found in facets.items()}

    def _by_date(self, where: str, parameters: Parameters, query: Query) -> tuple[Hit, ...]:
        sql = f"SELECT d.kind, d.record_id {where} ORDER BY d.date DESC, d.id DESC LIMIT %s OFFSET %s"
        rows = self._rows(sql, [*parameters, query.limit, query.offset])
        return tuple(Hit(str(kind), int(str(pk)), 0.0) for kind, pk in rows)

    def _ranked(self, where: str, parameters: Parameters, query: Query) -> list[Hit]:
        sql = f"SELECT d.id, d.kind, d.record_id, d.title, d.body {where} ORDER BY search_fts.rank, d.id LIMIT %s"
        rows = self._rows(sql, [*parameters, max(CANDIDATES, query.offset + query.limit)])
        hits = {int(str(row[0])): (str(row[1]), int(str(row[2]))) for row in rows}
        candidates = [Candidate(int(str(row[0])), str(row[3]), str(row[4])) for row in rows]
        return [Hit(*hits[key], score) for key, score in rank(candidates, query, self._corpus(query))]

    def _corpus(self, query: Query) -> Corpus:
        tokens = list(weighted_tokens(query))
        [(documents, average)] = self._rows(
            "SELECT count(*), avg(length(title) * 2 + length(body)) FROM search_indexeddocument", []
        )
        return Corpus(int(str(documents)), float(str(average or 1)), self._frequencies(tokens))

    def _frequencies(self, tokens: Sequence[str]) -> dict[str, int]:
        marks = ", ".join(["%s"] * len(tokens))
        rows = self._rows(f"SELECT term, doc FROM search_fts_terms WHERE term IN ({marks})", list(tokens))  # noqa: S608
        return {str(term): int(str(count)) for term, count in rows}

    def _loose_match(self, query: Query) -> str:
        """Any of the query's words and pairs that stand in at most one document of twenty."""
        tokens = [token for token in weighted_tokens(query) if len(token) > 1]
        frequencies = self._frequencies(tokens)
        documents = IndexedDocument.objects.count()
        telling = [t for t in tokens if 0 < frequencies.get(t, 0) <= max(COMMON_SHARE * documents, 10)]
        if not telling or query.codes:
            return ""
        return "{title body words} : (" + " OR ".join(_quoted(token) for token in telling) + ")"

    def _rows(self, sql: str, parameters: Sequence[Value]) -> list[Row]:
        with connections[settings.SEARCH_DATABASE].cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall()) if cursor.description else []


def _row(document: Document) -> IndexedDocument:
    facets = {name: document.facets.get(name, "") for name in FACETS if name != "kind"}
    return IndexedDocument(
        kind=document.kind,
        record_id=document.id,
        title=normalise(document.title),
        body=normalise(document.body),
        date=document.date,
        **facets,
    )


def _streams(rowid: int, document: Document) -> tuple[Value, ...]:
    codes = [token for text in (*document.codes, document.title, document.body) for token in code_tokens(text)]
    return (
        rowid,
        " ".join(gram_stream(document.title)),
        " ".join(gram_stream("\n".join([document.body, *document.codes]))),
        " ".join(word_tokens(f"{document.title}\n{document.body}")),
        " ".join(dict.fromkeys(codes)),
        " ".join(sorted(document.audience)),
    )


def _quoted(token: str) -> str:
    doubled = token.replace('"', '""')
    return f'"{doubled}"'


def _phrase(term: Term) -> str:
    return _quoted(" ".join(term.tokens)) + ("*" if term.open_ended else "")


def _strict_match(query: Query) -> str:
    wanted = [f"{{title body}} : {_phrase(term)}" for term in query.terms]
    return " AND ".join([*wanted, *(f"codes : {_quoted(code)}" for code in query.codes)])


def _conditions(query: Query, match: str) -> tuple[str, Parameters]:
    """The FROM and WHERE of a search: permission first, then what is asked for, then facets."""
    parts = [match] if match else []
    if query.audience is not None:
        tokens = " OR ".join(_quoted(token) for token in sorted(query.audience)) or '"nobody-at-all"'
        parts.insert(0, f"audience : ({tokens})")
    if parts:
        where, parameters = FROM_HITS, [" AND ".join(parts)]
    else:
        where, parameters = "FROM search_indexeddocument d WHERE 1", []
    extra: Parameters = list(parameters)
    for name, value in query.facets.items():
        if name in FACETS:
            where += f" AND d.{name} = %s"
            extra.append(value)
    if query.kinds:
        where += f" AND d.kind IN ({', '.join(['%s'] * len(query.kinds))})"
        extra.extend(sorted(query.kinds))
    return where, extra
