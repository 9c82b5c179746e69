"""Sheets that go out. What a cell holds is text or a number, never a formula: a typed `=…` stays as it was typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import TypeAlias

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Value: TypeAlias = str | int | float | Decimal | date | None
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
LONGEST_CELL = 32_767
WIDEST = 60


def guarded(value: Value) -> Value:
    """Text that a spreadsheet might run gets an apostrophe before it; control characters go."""
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)[: LONGEST_CELL - 1]
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def workbook(
    title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Value]], *, mark: str = ""
) -> bytes:
    """An XLSX of one sheet. `columns` are headings with their widths in characters, at most WIDEST.

    The `mark` (who took it, when) stands at the foot of every printed page and in the file's description.
    """
    book = Workbook(write_only=True)
    book.properties.description = mark or None
    sheet = book.create_sheet(title[:31])
    sheet.oddFooter.center.text = mark or None
    sheet.freeze_panes = "A2"
    for place, (_heading, width) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(place)].width = min(width, WIDEST)
    headings = [WriteOnlyCell(sheet, heading) for heading, _width in columns]
    for heading in headings:
        heading.font = Font(bold=True)
    sheet.append(headings)
    for row in rows:
        sheet.append([guarded(value) for value in row])
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()
