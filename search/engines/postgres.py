"""PostgreSQL: streams as tsvectors and arrays under one GIN index; a phrase is checked in the stream as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import connections

from search.engines.base import Candidate, Statistics
from search.engines.rows import Parameters, RowsEngine, Sql
from search.models import IndexedDocument
from search.queries import Alternative, Audience, Code, Selection
from search.streams import IndexEntry

INSERT = """INSERT INTO search_streams (rowid, grams, title, words, marks, codes, audience, stream)
VALUES (%s, array_to_tsvector(%s), array_to_tsvector(%s), array_to_tsvector(%s), %s, %s, %s, %s)"""
FROM = "FROM search_streams s JOIN search_indexeddocument d ON d.id = s.rowid WHERE true"
BREAK = "\x1f"
"""Between the title's stream and the body's: no phrase reaches over it."""

LONGEST_VECTOR = 1_000_000
"""A tsvector holds one megabyte, lexemes and their entries."""


class PostgresEngine(RowsEngine):
    name = "postgresql"
    STREAMS = "search_streams"

    def write_streams(self, entries: Sequence[tuple[int, IndexEntry]]) -> None:
        with connections[self.alias].cursor() as cursor:
            cursor.executemany(INSERT, [_streams(rowid, entry) for rowid, entry in entries])

    def settle(self) -> None:
        self.rows(f"SELECT gin_clean_pending_list('{self.STREAMS}_tokens'::regclass)", [])
        self.execute(f"ANALYZE {self.STREAMS}, {IndexedDocument._meta.db_table}", [])

    def source(self, selection: Selection) -> Sql:
        where = [FROM]
        values: Parameters = []
        if selection.audience is not None:
            where.append("s.audience && %s")
            values.append(sorted(selection.audience))
        for group in selection.groups:
            _add(where, values, [_match(one) for one in group])
        if selection.any_of:
            tokens = " | ".join(_lexeme(token) for token in selection.any_of)
            where.append("(s.grams @@ %s::tsquery OR s.words @@ %s::tsquery)")
            values += [tokens, tokens]
        for one in selection.excluded:
            sql, parameters = _match(one)
            where.append(f"NOT ({sql})")
            values += parameters
        return " AND ".join(where), values

    def statistics(self, tokens: Sequence[str], audience: Audience) -> Statistics:
        readers = "s.audience && %s" if audience is not None else "true"
        held: Parameters = [] if audience is None else [sorted(audience)]
        parts = [f"SELECT -1, count(*) FROM search_streams s WHERE {readers}"]
        values = list(held)
        for place, token in enumerate(tokens):
            sql, parameters = _holds(token)
            parts.append(f"SELECT {place}, count(*) FROM search_streams s WHERE {readers} AND {sql}")
            values += [*held, *parameters]
        numbers = {int(str(place)): int(str(count)) for place, count in self.rows(" UNION ALL ".join(parts), values)}
        return Statistics(numbers[-1], {token: numbers[place] for place, token in enumerate(tokens)})

    def candidates(self, selection: Selection, weights: Mapping[str, int], limit: int) -> list[Candidate]:
        where, parameters = self.selected(selection)
        sums: list[str] = []
        values: Parameters = []
        for token, weight in weights.items():
            sql, held = _holds(token)
            sums.append(f"{weight} * (({sql})::int + (s.title @@ %s::tsquery)::int)")
            values += [*held, _lexeme(token)]
        heaviest = f"{' + '.join(sums)} DESC, " if sums else ""
        sql = (
            f"SELECT d.kind, d.record_id, d.title, d.body {where} ORDER BY {heaviest}d.record_id DESC, d.kind LIMIT %s"
        )
        return self.as_candidates(self.rows(sql, [*parameters, *values, limit]))


def _add(where: list[str], values: Parameters, alternatives: Iterable[Sql]) -> None:
    parts = list(alternatives)
    where.append(f"({' OR '.join(sql for sql, _parameters in parts)})")
    for _sql, parameters in parts:
        values += parameters


def _match(one: Alternative) -> Sql:
    if isinstance(one, Code):
        return "s.codes @> %s", [[one.token]]
    parts: list[str] = []
    values: Parameters = []
    if one.grams:
        parts.append("s.title @@ %s::tsquery" if one.in_title else "s.grams @@ %s::tsquery")
        values.append(" & ".join(_lexeme(gram) for gram in dict.fromkeys(one.grams)))
    if len(one.grams) > 1:
        parts.append("position(%s IN s.stream) > 0")
        values.append(f" {' '.join(one.grams)} ")
    if one.marks:
        parts.append("s.marks @> %s")
        values.append(list(one.marks))
    return f"({' AND '.join(parts)})", values


def _holds(token: str) -> Sql:
    lexeme = _lexeme(token)
    return "(s.grams @@ %s::tsquery OR s.words @@ %s::tsquery OR s.marks @> %s)", [lexeme, lexeme, [token]]


def _lexeme(token: str) -> str:
    escaped = token.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _streams(rowid: int, entry: IndexEntry) -> tuple[int | str | list[str], ...]:
    grams = list(dict.fromkeys([*entry.title_grams, *entry.body_grams]))
    return (
        rowid,
        _within_limit(grams),
        _within_limit(list(dict.fromkeys(entry.title_grams))),
        _within_limit(entry.words),
        entry.marks,
        entry.codes,
        entry.audience,
        f" {' '.join(entry.title_grams)} {BREAK} {' '.join(entry.body_grams)} ",
    )


def _within_limit(lexemes: list[str]) -> list[str]:
    size = 0
    for position, lexeme in enumerate(lexemes):
        size += len(lexeme.encode()) + 8
        if size > LONGEST_VECTOR:
            return lexemes[:position]
    return lexemes
