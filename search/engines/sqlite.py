"""SQLite FTS5: the embedded engine. Tokens are made by `search.analysis`; FTS5 only stores and matches them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from django.db import connections

from search.engines.base import Candidate, Statistics
from search.engines.rows import Parameters, RowsEngine, Sql
from search.queries import Alternative, Audience, Code, Selection
from search.streams import IndexEntry

INSERT = """INSERT INTO search_fts(rowid, title, body, marks, words, codes, audience)
VALUES (%s, %s, %s, %s, %s, %s, %s)"""
# CROSS JOIN keeps the order: else SQLite may walk an index of the documents and probe the full text row by row.
FROM_HITS = "FROM search_fts CROSS JOIN search_indexeddocument d ON d.id = search_fts.rowid WHERE search_fts MATCH %s"
FROM_ALL = "FROM search_indexeddocument d WHERE 1"
NOBODY = '"nobody-at-all"'
EVERYWHERE = "{title body marks words}"
COMMON = re.compile("[0-9a-z_.\u3400-\u4db5\u4e00-\u9fcb-]+")
MOST_COMPOUND = 400
"""SQLite takes at most 500 SELECTs in one."""


class SqliteEngine(RowsEngine):
    name = "sqlite"
    STREAMS = "search_fts"

    def write_streams(self, entries: Sequence[tuple[int, IndexEntry]]) -> None:
        with connections[self.alias].cursor() as cursor:
            cursor.executemany(INSERT, [_streams(rowid, entry) for rowid, entry in entries])

    def settle(self) -> None:
        """Nothing: the order of its joins is written out, not planned."""

    def source(self, selection: Selection) -> Sql:
        parts = [_readers(selection.audience)] if selection.audience is not None else []
        parts += [" OR ".join(_match(one) for one in group) for group in selection.groups]
        if selection.any_of:
            parts.append(f"{EVERYWHERE} : ({' OR '.join(_quoted(token) for token in selection.any_of)})")
        where, parameters = (FROM_HITS, [" AND ".join(f"({part})" for part in parts)]) if parts else (FROM_ALL, [])
        values: Parameters = list(parameters)
        if selection.excluded:
            where += " AND d.id NOT IN (SELECT rowid FROM search_fts WHERE search_fts MATCH %s)"
            values.append(" OR ".join(f"({_match(one)})" for one in selection.excluded))
        return where, values

    def row_in(self, where: str) -> str:
        return "search_fts.rowid" if where.startswith("FROM search_fts") else "d.id"

    def statistics(self, tokens: Sequence[str], audience: Audience) -> Statistics:
        matching = "count(*) FROM search_fts WHERE search_fts MATCH %s"
        readers = [_readers(audience)] if audience is not None else []
        parts = [f"SELECT -1, {matching}" if readers else "SELECT -1, count(*) FROM search_indexeddocument"]
        values: Parameters = [*readers]
        for place, token in enumerate(tokens[:MOST_COMPOUND]):
            parts.append(f"SELECT {place}, {matching}")
            values.append(" AND ".join([*readers, f"{EVERYWHERE} : {_quoted(token)}"]))
        numbers = {int(str(place)): int(str(count)) for place, count in self.rows(" UNION ALL ".join(parts), values)}
        return Statistics(numbers[-1], {token: numbers[n] for n, token in enumerate(tokens) if n in numbers})

    def candidates(self, selection: Selection, weights: Mapping[str, int], limit: int) -> list[Candidate]:
        where, parameters = self.selected(selection)
        texts = "SELECT kind, record_id, title, body FROM search_indexeddocument WHERE id IN"
        few = self.rows(f"SELECT d.id {where} LIMIT %s", [*parameters, limit + 1])
        if len(few) > limit:
            few = self._heaviest(where, parameters, weights, limit, selection.audience)
        ids: Parameters = [int(str(row[0])) for row in few]
        return self.as_candidates(self.rows(f"{texts} ({', '.join(['%s'] * len(ids))})", ids))

    def _heaviest(
        self, where: str, parameters: Parameters, weights: Mapping[str, int], limit: int, audience: Audience
    ) -> list[tuple[object, ...]]:
        """Each token adds its weight to the rows that hold it, and once more to those with it in the title."""
        readers = [_readers(audience)] if audience is not None else []
        parts = [f"SELECT d.id AS id, 0 AS weight, 1 AS selected {where}"]
        values = list(parameters)
        for token, weight in list(weights.items())[: MOST_COMPOUND // 2]:
            for columns in (EVERYWHERE, "title"):
                parts.append("SELECT rowid, %s, 0 FROM search_fts WHERE search_fts MATCH %s")
                values += [weight, " AND ".join([*readers, f"{columns} : {_quoted(token)}"])]
        weighed = (
            f"SELECT id, sum(weight) AS weight FROM ({' UNION ALL '.join(parts)}) GROUP BY id HAVING max(selected)"
        )
        sql = (
            f"SELECT w.id FROM ({weighed}) w JOIN search_indexeddocument d ON d.id = w.id "
            "ORDER BY w.weight DESC, d.record_id DESC, d.kind LIMIT %s"
        )
        return self.rows(sql, [*values, limit])


def _streams(rowid: int, entry: IndexEntry) -> tuple[int | str, ...]:
    lists = (entry.title_grams, entry.body_grams, entry.marks, entry.words, entry.codes, entry.audience)
    return (rowid, *(" ".join(_stored(token) for token in tokens) for tokens in lists))


def _readers(audience: frozenset[str]) -> str:
    return f"audience : ({' OR '.join(_quoted(token) for token in sorted(audience)) or NOBODY})"


def _match(one: Alternative) -> str:
    if isinstance(one, Code):
        return f"codes : {_quoted(one.token)}"
    where = "title" if one.in_title else "{title body}"
    parts = [f"{where} : {_quoted(*one.grams)}"] if one.grams else []
    return " AND ".join([*parts, *(f"marks : {_quoted(mark)}" for mark in one.marks)])


def _quoted(*tokens: str) -> str:
    """A phrase, safe for FTS5 whatever it holds."""
    inside = " ".join(_stored(token) for token in tokens).replace('"', '""')
    return f'"{inside}"'


def _stored(token: str) -> str:
    """FTS5 splits at what its old Unicode tables do not know as a letter: such characters are spelled out."""
    if COMMON.fullmatch(token):
        return token
    return "".join(char if COMMON.fullmatch(char) else f"_{ord(char):x}_" for char in token)
