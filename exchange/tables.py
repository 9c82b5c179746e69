"""Tables that come in: XLSX or CSV as offices make them, read into rows of text.

What a spreadsheet spoils without a word is named: a formula, a merged cell, an ID number turned into a number. Nothing
is guessed, and a cell keeps what was typed.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from exchange.spreadsheets import FORMULA_STARTS

if TYPE_CHECKING:
    from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell

MOST_BYTES = 30_000_000
MOST_UNPACKED = 600_000_000
MOST_ROWS = 100_000
HEADING_ROWS = 10
LONGEST_CELL = 5_000
EXACT_DIGITS = 15
ENCODINGS = ("utf-8-sig", "gb18030")
DELIMITERS = ",;\t"
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z]+\d+:[A-Z]+\d+)"')
DAY_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S")
SPOILED = {"f": "formula", "e": "cell_error"}
EPOCH = date(1899, 12, 30).toordinal()
"""Day 0 of a spreadsheet's calendar."""


class TableError(ValueError):
    """The file cannot be read as a table; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is looked for, by its heading or another name that offices give it."""

    code: str
    heading: str
    names: Sequence[str] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row: the column (empty for the whole row), a code, and what the words need."""

    row: int
    column: str
    code: str
    named: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row with its number in the sheet, and the text of the known columns by their codes."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are codes of those found, in order; `ignored` are headings that nobody asked for; `problems` are what
    reading itself found."""

    columns: Sequence[str]
    ignored: Sequence[str]
    rows: Sequence[TableRow]
    problems: Sequence[Problem]


Raw = tuple[int, list[tuple[str, str]]]
"""A row's number, and of each cell its text and the code of what is wrong with it."""


def read_table(content: bytes, columns: Sequence[Column]) -> Table:
    """Read a sheet. Raises TableError."""
    if len(content) > MOST_BYTES:
        raise TableError(_("文件太大（上限 %(n)d MB），请分成几份。") % {"n": MOST_BYTES // 1_000_000})
    raw = _xlsx_rows(content) if content.startswith(b"PK") else _csv_rows(content)
    places, ignored, rest = _headed(raw, columns)
    rows: list[TableRow] = []
    problems: list[Problem] = []
    for number, cells in rest:
        at = {code: cells[place] if place < len(cells) else ("", "") for code, place in places.items()}
        if not any(text or wrong for text, wrong in at.values()):
            continue
        if len(rows) == MOST_ROWS:
            raise TableError(_("超过 %(n)d 行，请分成几份。") % {"n": MOST_ROWS})
        rows.append(TableRow(number, {code: text for code, (text, _wrong) in at.items() if text}))
        problems += [Problem(number, code, wrong) for code, (_text, wrong) in at.items() if wrong]
    if not rows:
        raise TableError(_("表里没有数据：表头下面一行也没有填。"))
    return Table(list(places), ignored, rows, problems)


def _headed(raw: Iterator[Raw], columns: Sequence[Column]) -> tuple[dict[str, int], list[str], Iterator[Raw]]:
    """Where each column stands, by the row of the first ten that names most of them."""
    known = {_folded(name): column.code for column in columns for name in (column.heading, *column.names)}
    first = []
    for row in raw:
        first.append(row)
        if len(first) == HEADING_ROWS:
            break
    best = max(first, key=lambda row: len(_places(row, known)), default=None)
    places = _places(best, known) if best else {}
    missing = [column.heading for column in columns if column.required and column.code not in places]
    if best is None or missing:
        raise TableError(
            _("找不到这些列：%(columns)s。表头要在前 %(n)d 行之内，列名照模板写。")
            % {"columns": "、".join(missing), "n": HEADING_ROWS}
        )
    ignored = [text for place, (text, _wrong) in enumerate(best[1]) if text and place not in places.values()]
    below = [row for row in first if row[0] > best[0]]
    return places, ignored, _chained(below, raw)


def _chained(first: Iterable[Raw], rest: Iterator[Raw]) -> Iterator[Raw]:
    yield from first
    yield from rest


def _places(row: Raw, known: Mapping[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, (text, _wrong) in enumerate(row[1]):
        if code := known.get(_folded(text)):
            found.setdefault(code, place)
    return found


def _folded(heading: str) -> str:
    return re.sub(r"[\s*＊（）()：:]", "", heading).lower()


def _csv_rows(content: bytes) -> Iterator[Raw]:
    text = _decoded(content)
    head = text[: text.find("\n") + 1 or None]
    delimiter = max(DELIMITERS, key=head.count)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
            yield number, [(_plain(cell), "formula" if cell.startswith("=") else "") for cell in cells]
    except csv.Error as error:
        raise TableError(_("读不了这个 CSV：%(why)s") % {"why": error}) from error


def _decoded(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or GB18030, in which Chinese offices save CSV."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise TableError(_("看不懂文件的编码。请另存为 XLSX，或 UTF-8 编码的 CSV。"))


def _xlsx_rows(content: bytes) -> Iterator[Raw]:
    merged = _merged_cells(content)
    try:
        sheet = load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
        sheet.reset_dimensions()
        rows: Iterable[Sequence[Any]] = sheet.iter_rows()
        for number, cells in enumerate(rows, 1):
            read = [_cell(cell) for cell in cells]
            for place in merged.get(number, ()):
                read += [("", "")] * (place + 1 - len(read))
                read[place] = ("", "merged")
            yield number, read
    except (InvalidFileException, zipfile.BadZipFile, KeyError, IndexError, ValueError, OSError) as error:
        raise TableError(_("打不开这个 XLSX。请用表格软件打开后另存一次再传。")) from error


def _merged_cells(content: bytes) -> dict[int, set[int]]:
    """Cells that a merged range swallowed, by row: column places. The first cell of a range keeps its text."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise TableError(_("文件解开后太大，请分成几份。"))
            names = sorted(name for name in parts.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
            found = MERGED.findall(parts.read(names[0])) if names else []
    except zipfile.BadZipFile as error:
        raise TableError(_("打不开这个 XLSX。请用表格软件打开后另存一次再传。")) from error
    swallowed: dict[int, set[int]] = {}
    for text in found:
        left, top, right, bottom = (place or 1 for place in range_boundaries(text.decode()))
        for row in range(top, min(bottom, top + MOST_ROWS) + 1):
            places = set(range(left - 1, right)) - ({left - 1} if row == top else set())
            swallowed.setdefault(row, set()).update(places)
    return swallowed


def _cell(cell: ReadOnlyCell | EmptyCell) -> tuple[str, str]:
    """A cell's text, and the code of what is wrong with it."""
    value = cell.value
    if value is None or cell.data_type in SPOILED:
        return "", SPOILED.get(cell.data_type, "") if value is not None else ""
    if isinstance(value, bool):
        return ("是" if value else "否"), ""
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        return (value.date().isoformat() if value.time() == time() else value.isoformat(" ")), ""
    return _plain(str(value)), ""


def _number(value: float) -> tuple[str, str]:
    text = str(int(value)) if value == int(value) else repr(value)
    return text, "digits_lost" if len(text.lstrip("-")) > EXACT_DIGITS else ""


def _plain(text: str) -> str:
    """Without the apostrophe that guards what looks like a formula, as our own sheets write it."""
    plain = text.replace("\0", "").strip()
    if plain.startswith("'") and plain[1:].startswith(FORMULA_STARTS):
        plain = plain[1:]
    return plain[:LONGEST_CELL]


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
