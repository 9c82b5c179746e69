"""Rows of a CSV, read line by line and strictly: a quote that is not closed draws no other line into a value."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice

from exchange.table_parts import BROKEN, SHEET_ROWS, RawRow, Unreadable, plain

DELIMITERS = ",;\t|"
HEAD_LINES = 12
LONGEST_LINE = 1_000_000
MOST_LINES_OF_A_RECORD = 200
MOST_OPEN_QUOTES = 200
FEW = 10
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
LINE_END = re.compile(r"\r\n|\r|\n")
SEPARATOR = re.compile(r"\"?sep=(.)\"?\s*\Z", re.IGNORECASE)
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
DIGITS, LETTERS, HAN = re.compile(r"\d+"), re.compile(r"[A-Za-z]+"), re.compile(r"[㐀-鿿]+")

csv.field_size_limit(LONGEST_LINE)

Line = tuple[int, str]


def csv_rows(content: bytes, headings_in: Callable[[RawRow], int]) -> Iterator[RawRow]:
    """The rows, numbered by the line that each begins on. The delimiter is the one by which most headings are found.

    Raises Unreadable.
    """
    text = decoded(content)
    head = list(islice(_lines(text), HEAD_LINES))
    told = SEPARATOR.match(head[0][1]) if head else None
    delimiter = told[1] if told else max(DELIMITERS, key=partial(_headings_found, head, headings_in))
    return _records(islice(_lines(text), 1 if told else 0, None), delimiter)


def _headings_found(head: Sequence[Line], headings_in: Callable[[RawRow], int], delimiter: str) -> int:
    return max((headings_in(row) for row in _records(iter(head), delimiter)), default=0)


def _lines(text: str) -> Iterator[Line]:
    """Lines with their ends, by CR, LF or both; what else is sometimes taken for a line's end is text."""
    for number, match in enumerate(LINE.finditer(text), 1):
        if number > SHEET_ROWS:
            raise Unreadable("too_many_rows", n=SHEET_ROWS)
        if len(match.group()) > LONGEST_LINE:
            raise Unreadable("long_line", line=number)
        yield number, match.group()


def _records(lines: Iterator[Line], delimiter: str) -> Iterator[RawRow]:
    waiting: list[Line] = []
    first_open, count = 0, 0
    while here := (waiting.pop(0) if waiting else next(lines, None)):
        number, line = here
        cells = _cells(line, delimiter)
        if cells is None:
            cells, waiting = _joined(here, waiting, lines, delimiter)
        elif first_open and line.count('"') % 2:
            cells = None
        if cells is not None:
            yield _row(number, cells)
            continue
        first_open, count = first_open or number, count + 1
        if count > MOST_OPEN_QUOTES:
            raise Unreadable("quotes", line=first_open)
        yield _row(number, line.rstrip("\r\n").split(delimiter), "quote")


def _cells(text: str, delimiter: str) -> list[str] | None:
    """The cells of one record; None where its quotes are not as they should be."""
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if rows else []


def _joined(
    here: Line, waiting: list[Line], lines: Iterator[Line], delimiter: str
) -> tuple[list[str] | None, list[Line]]:
    """The cells of a record that goes on over line ends, and the lines after it. None where no such record begins here:
    then the lines are read by themselves."""
    taken, rest = [here], list(waiting)
    quotes, length = here[1].count('"'), len(here[1])
    while quotes % 2 and len(taken) < MOST_LINES_OF_A_RECORD and length < LONGEST_LINE:
        more = rest.pop(0) if rest else next(lines, None)
        if more is None:
            break
        taken.append(more)
        quotes, length = quotes + more[1].count('"'), length + len(more[1])
    cells = _cells("".join(line for _number, line in taken), delimiter)
    if cells is None or _holds_a_row(cells, delimiter):
        return None, [*taken[1:], *rest]
    return cells, rest


def _holds_a_row(cells: Sequence[str], delimiter: str) -> bool:
    """Whether a line within a cell looks like a row of its own: as wide as half the record, or beginning alike."""
    begins = _shape(LINE.findall(cells[0])[0])
    inner = [line for cell in cells for line in LINE.findall(cell)[1:] if line.strip()]
    parts = [line.split(delimiter) for line in inner]
    alike = begins not in ("", "中") and any(_shape(part[0]) == begins for part in parts)
    return alike or any(len(part) > max(len(cells) // 2, 1) for part in parts)


def _shape(text: str) -> str:
    return HAN.sub("中", LETTERS.sub("A", DIGITS.sub("9", text.strip(' "\r\n'))))


def _row(number: int, cells: Sequence[str], wrong: str = "") -> RawRow:
    return RawRow(number, len(cells), lambda place: _cell(cells[place]), wrong)


def _cell(text: str) -> tuple[str, str]:
    bare, wrong = plain(text)
    return bare, "formula" if text.startswith("=") else wrong


def decoded(content: bytes) -> str:
    """UTF-8, UTF-16, or GB18030, in which Chinese offices save CSV; nothing is replaced. Raises Unreadable."""
    if content.startswith(UTF16_MARKS):
        return _by("utf-16", content) or _unknown()
    if b"\0" in content:
        for encoding in ("utf-16-le", "utf-16-be"):
            if (text := _by(encoding, content)) and "\0" not in text and re.search(r"[\r\n]", text):
                return text
    if (text := _by("utf-8-sig", content)) is None:
        _refuse_damaged(content)
        text = _by("gb18030", content)
    return _unknown() if text is None or text.count("\0") * FEW > len(text) else text


def _by(encoding: str, content: bytes) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _unknown() -> str:
    raise Unreadable("encoding")


def _refuse_damaged(content: bytes) -> None:
    """UTF-8 with a few bytes broken would be read as Chinese that nobody wrote."""
    text = content.decode("utf-8", "replace")
    broken, beyond = text.count(BROKEN), sum(char > "\x7f" for char in text)
    if broken * FEW < beyond:
        raise Unreadable("damaged", line=len(LINE_END.findall(text[: text.index(BROKEN)])) + 1)
