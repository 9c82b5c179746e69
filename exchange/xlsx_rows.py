"""Rows of an XLSX. Bounds are looked at before anything is unpacked; run it where memory and time are bounded."""

from __future__ import annotations

import io
import math
import re
import zipfile
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries

from exchange.table_parts import SHEET_ROWS, Cell, RawRow, Unreadable, plain

if TYPE_CHECKING:
    from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell

MOST_UNPACKED = 600_000_000
MOST_PARTS = 5_000
MOST_STRINGS = 2_000_000
MOST_MERGES = 20_000
LARGEST_MERGE = 2_000_000
EXACT_DIGITS = 15
SHEET_WIDTH = 16_384
BLOCK, OVERLAP = 1 << 20, 200
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d{1,7}(?::[A-Z]{1,3}\d{1,7})?)"')
STRING = re.compile(rb"<(?:\w+:)?si\b")
BOOK, STRINGS = "xl/workbook.xml", "xl/sharedStrings.xml"
SPOILED = {"f": "formula", "e": "cell_error"}

Merges = list[tuple[int, int, int, int]]


def xlsx_rows(content: bytes) -> Iterator[RawRow]:
    """The rows of the first sheet. Raises Unreadable, and whatever the reader raises on a broken file."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        _refuse_bombs(parts)
        sheet: Any = load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
        merged = Merged(_merges(parts, sheet._worksheet_path))  # which of the sheets is read, only openpyxl knows
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if number > SHEET_ROWS or len(cells) > SHEET_WIDTH:
            raise Unreadable("broken")
        if cells:
            yield _row(number, cells, merged)


def _refuse_bombs(parts: zipfile.ZipFile) -> None:
    found = parts.infolist()
    names = {part.filename for part in found}
    if len(found) > MOST_PARTS or sum(part.file_size for part in found) > MOST_UNPACKED:
        raise Unreadable("too_much")
    if BOOK not in names:
        raise Unreadable("other_format")
    if STRINGS in names and sum(len(found) for found in _matches(parts, STRINGS, STRING)) > MOST_STRINGS:
        raise Unreadable("too_much")


def _matches(parts: zipfile.ZipFile, name: str, pattern: re.Pattern[bytes]) -> Iterator[list[bytes]]:
    """What the pattern finds in a part, block by block; a match may lie across two."""
    with parts.open(name) as part:
        tail = b""
        while block := part.read(BLOCK):
            text = tail + block
            matches = list(pattern.finditer(text))
            end = matches[-1].end() if matches else 0
            yield [match[match.lastindex or 0] for match in matches]
            tail = text[max(end, len(text) - OVERLAP) :]


def _merges(parts: zipfile.ZipFile, sheet: str) -> Merges:
    """Columns and rows (left, top, right, bottom) of the merged ranges of a sheet."""
    merges: Merges = []
    for some in _matches(parts, sheet.lstrip("/"), MERGED):
        for text in some:
            left, top, right, bottom = (place or 1 for place in range_boundaries(text.decode()))
            if (right - left + 1) * (bottom - top + 1) > LARGEST_MERGE:
                raise Unreadable("merged", range=text.decode())
            merges.append((left, top, right, bottom))
        if len(merges) > MOST_MERGES:
            raise Unreadable("merges", n=MOST_MERGES)
    return merges


class Merged:
    """Which cells a merged range swallowed. The first cell of a range keeps its text."""

    def __init__(self, merges: Merges) -> None:
        self.merges = sorted(merges)
        self.width = max((right for _left, _top, right, _bottom in merges), default=0)
        self.columns: dict[int, tuple[list[int], list[int]]] = {}

    def swallowed(self, row: int, place: int) -> bool:
        if place >= self.width:
            return False
        if place not in self.columns:
            self.columns[place] = self._spans(place + 1)
        tops, bottoms = self.columns[place]
        at = bisect_right(tops, row) - 1
        return at >= 0 and row <= bottoms[at]

    def _spans(self, column: int) -> tuple[list[int], list[int]]:
        """First and last rows, apart from one another and in order, of what is swallowed in a column."""
        tops: list[int] = []
        bottoms: list[int] = []
        spans = (one for one in self.merges if one[0] <= column <= one[2])
        for top, bottom in sorted((top + (left == column), bottom) for left, top, _right, bottom in spans):
            if bottoms and top <= bottoms[-1] + 1:
                bottoms[-1] = max(bottoms[-1], bottom)
            elif top <= bottom:
                tops.append(top)
                bottoms.append(bottom)
        return tops, bottoms


def _row(number: int, cells: Sequence[Any], merged: Merged) -> RawRow:
    def cell(place: int) -> Cell:
        if merged.swallowed(number, place):
            return "", "merged"
        return _cell(cells[place]) if place < len(cells) else ("", "")

    return RawRow(number, max(len(cells), merged.width), cell)


def _cell(cell: ReadOnlyCell | EmptyCell) -> Cell:
    value = cell.value
    if value is None or cell.data_type in SPOILED:
        return "", SPOILED.get(cell.data_type, "") if value is not None else ""
    if isinstance(value, bool):
        return ("是" if value else "否"), ""
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        return (value.date().isoformat() if value.time() == time() else value.isoformat(" ")), ""
    return plain(str(value))


def _number(value: float) -> Cell:
    """Fifteen digits are all that a spreadsheet keeps; those after are noise of its arithmetic."""
    if not math.isfinite(value):
        return "", "cell_error"
    text = str(int(value)) if value == int(value) else f"{value:.{EXACT_DIGITS}g}"
    return text, "digits_lost" if value == int(value) and len(text.lstrip("-")) > EXACT_DIGITS else ""
