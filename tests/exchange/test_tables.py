"""Tables as offices make them."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from openpyxl import Workbook

from exchange.spreadsheets import workbook
from exchange.tables import Column, Problem, TableError, day_in, read_table

COLUMNS = [
    Column("unit", "房号", ("房间号",), required=True),
    Column("name", "姓名", ("客户姓名",), required=True),
    Column("phone", "手机"),
]


def xlsx(rows: list[list[object]], merge: str = "") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_heading_is_found_below_a_title_and_columns_in_any_order() -> None:
    rows: list[list[object]] = [
        ["云栖湾移交表", None, None],
        [],
        ["备注", "客户姓名*", "房间号"],
        ["好", "张三", "3-2-1201"],
        [None, None, None],
    ]
    table = read_table(xlsx(rows), COLUMNS)
    assert (list(table.columns), table.ignored) == (["name", "unit"], ["备注"])
    assert [(row.number, dict(row.cells)) for row in table.rows] == [(4, {"name": "张三", "unit": "3-2-1201"})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_csv_is_read_in_every_encoding_that_offices_use(encoding: str, mark: str) -> None:
    text = "\r\n".join(mark.join(row) for row in (["房号", "姓名"], ["3栋2单元1201", "张三"], ["", ""]))
    table = read_table(text.encode(encoding), COLUMNS)
    assert [dict(row.cells) for row in table.rows] == [{"unit": "3栋2单元1201", "name": "张三"}]


def test_what_a_spreadsheet_spoils_is_named_and_never_guessed() -> None:
    rows: list[list[object]] = [
        ["房号", "姓名", "手机"],
        ["=A1&A2", "张三", 13800000001],
        ["3-2-1202", "李四", 110101198001010000],
        ["3-2-1203", "王五", None],
        ["3-2-1204", "王五", None],
    ]
    table = read_table(xlsx(rows, merge="B4:B5"), COLUMNS)
    assert list(table.problems) == [
        Problem(2, "unit", "formula"),
        Problem(3, "phone", "digits_lost"),
        Problem(5, "name", "merged"),
    ]
    assert table.rows[0].cells["phone"] == "13800000001"
    assert "unit" not in table.rows[0].cells


def test_what_our_own_sheets_guard_comes_back_as_it_was() -> None:
    content = workbook("x", [("房号", 10), ("姓名", 10), ("手机", 10)], [["-3栋", "=张三", "+8613800000001"]])
    (row,) = read_table(content, COLUMNS).rows
    assert dict(row.cells) == {"unit": "-3栋", "name": "=张三", "phone": "+8613800000001"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04nonsense", "打不开这个 XLSX"),
        (workbook("x", [("房号", 9)], [["3-2-1201"]]), "找不到这些列：姓名"),
        (workbook("x", [("房号", 9), ("姓名", 9)], []), "表里没有数据"),
        (b"\x00\x01\x02\x81\x00", "找不到这些列|看不懂文件的编码"),
        (b"", "找不到这些列"),
    ],
    ids=["broken", "column missing", "no rows", "binary", "empty"],
)
def test_a_file_that_is_no_such_table_says_why(content: bytes, message: str) -> None:
    with pytest.raises(TableError, match=message):
        read_table(content, COLUMNS)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-23", date(2026, 11, 23)),
        ("2026/11/23", date(2026, 11, 23)),
        ("2026.1.5", date(2026, 1, 5)),
        ("2026年11月23日", date(2026, 11, 23)),
        ("20261123", date(2026, 11, 23)),
        ("46349", date(2026, 11, 23)),
        ("去年", None),
        ("2026-13-01", None),
    ],
)
def test_days_are_read_as_offices_write_them(text: str, day: date | None) -> None:
    assert day_in(text) == day
