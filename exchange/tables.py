"""Tables that come in: XLSX or CSV as offices make them, read into rows of text.

What a spreadsheet spoils without a word is named: a formula, a merged cell, an ID number turned into a number. Nothing
is guessed, and a cell keeps what was typed. Files of strangers are read by `exchange.reading`, in a process of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from exchange.csv_rows import csv_rows
from exchange.table_parts import Column, Problem, RawRow, Table, TableError, TableRow, Unreadable
from exchange.xlsx_rows import xlsx_rows

__all__ = ["Column", "Problem", "Table", "TableError", "TableRow", "Unreadable", "day_in", "open_table", "read_table"]

MOST_BYTES = 30_000_000
MOST_ROWS = 100_000
MOST_TEXT = 50_000_000
"""Characters in all cells together: a small file may name one long text a hundred thousand times."""

HEADING_ROWS = 10
OLD_FORMAT = b"\xd0\xcf\x11\xe0"
OTHER_FORMATS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"<html", b"<!DOCTYPE")
DAY_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S")
EPOCH = date(1899, 12, 30).toordinal()
"""Day 0 of a spreadsheet's calendar."""

Read = tuple[TableRow, list[Problem]]


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table of which the heading is read; its rows, with what reading found in each, are still to come."""

    columns: Sequence[str]
    ignored: Sequence[str]
    rows: Iterator[Read]


def read_table(content: bytes, columns: Sequence[Column]) -> Table:
    """Read a whole sheet. Raises Unreadable."""
    table = open_table(content, columns)
    read = list(table.rows)
    return Table(table.columns, table.ignored, [row for row, _found in read], [one for _row, f in read for one in f])


def open_table(content: bytes, columns: Sequence[Column]) -> OpenTable:
    """Find the heading; the rows follow as they are asked for, and asking may raise Unreadable too."""
    refuse_at_once(content)
    known = {_folded(name): column.code for column in columns for name in (column.heading, *column.names)}
    is_csv = not content.startswith(b"PK")
    raw = csv_rows(content, lambda row: len(_places(row, known))) if is_csv else _whole(xlsx_rows(content))
    heading, places, rest = _headed(raw, columns, known)
    shown = [heading.cell(place)[0] for place in range(heading.width)]
    ignored = [text for place, text in enumerate(shown) if text and place not in places.values()]
    read = partial(_read, places=places, width=heading.width if is_csv else None)
    return OpenTable(list(places), ignored, _bounded(map(read, rest)))


def refuse_at_once(content: bytes) -> None:
    """What the size or the first bytes tell, without reading. Raises Unreadable."""
    if len(content) > MOST_BYTES:
        raise Unreadable("too_big", n=MOST_BYTES // 1_000_000)
    if content.startswith(OLD_FORMAT):
        raise Unreadable("old_format")
    if content.lstrip()[:9].startswith(OTHER_FORMATS):
        raise Unreadable("other_format")


def _whole(rows: Iterator[RawRow]) -> Iterator[RawRow]:
    """Nothing that the reader of a spreadsheet raises is more than a file that cannot be read."""
    try:
        yield from rows
    except (Unreadable, MemoryError):
        raise
    except Exception as error:
        raise Unreadable("broken") from error


def _headed(
    raw: Iterator[RawRow], columns: Sequence[Column], known: Mapping[str, str]
) -> tuple[RawRow, dict[str, int], Iterator[RawRow]]:
    """The row of the first ten that names most columns, where each stands, and the rows below."""
    first: list[RawRow] = []
    for row in raw:
        first.append(row)
        if len(first) == HEADING_ROWS:
            break
    best = max(first, key=lambda row: len(_places(row, known)), default=None)
    places = _places(best, known) if best else {}
    missing = [column for column in columns if column.required and column.code not in places]
    if best is None or missing:
        named = {"columns": "、".join(one.heading for one in missing), "codes": " ".join(one.code for one in missing)}
        raise Unreadable("headings", n=HEADING_ROWS, **named)
    return best, places, _chained([row for row in first if row.number > best.number], raw)


def _chained(first: Iterable[RawRow], rest: Iterator[RawRow]) -> Iterator[RawRow]:
    yield from first
    yield from rest


def _places(row: RawRow, known: Mapping[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place in range(row.width):
        if code := known.get(_folded(row.cell(place)[0])):
            found.setdefault(code, place)
    return found


def _folded(heading: str) -> str:
    return re.sub(r"[\s*＊（）()：:]", "", heading).lower()


def _read(raw: RawRow, *, places: Mapping[str, int], width: int | None) -> Read:
    """The known cells. With a `width` (of a CSV's heading) a longer row has been cut at a delimiter within a text."""
    at = {code: raw.cell(place) for code, place in places.items() if place < raw.width}
    problems = [Problem(raw.number, code, wrong) for code, (_text, wrong) in at.items() if wrong]
    if raw.wrong:
        problems = [Problem(raw.number, "", raw.wrong)]
    elif width is not None and any(raw.cell(place)[0] for place in range(width, raw.width)):
        problems.append(Problem(raw.number, "", "ragged"))
    return TableRow(raw.number, {code: text for code, (text, _wrong) in at.items() if text}), problems


def _bounded(read: Iterable[Read]) -> Iterator[Read]:
    rows = length = 0
    for row, problems in read:
        if not row.cells and not problems:
            continue
        rows, length = rows + 1, length + sum(map(len, row.cells.values()))
        if rows > MOST_ROWS:
            raise Unreadable("too_many_rows", n=MOST_ROWS)
        if length > MOST_TEXT:
            raise Unreadable("too_much")
        yield row, problems
    if not rows:
        raise Unreadable("no_rows")


def day_in(text: str) -> date | None:
    """A day as offices write it, or as a spreadsheet counts it; None for what is none."""
    if re.fullmatch(r"\d{5}(\.0)?", text):
        return date.fromordinal(EPOCH + int(text[:5]))
    for form in DAY_FORMS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return None
