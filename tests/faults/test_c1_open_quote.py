"""A quote that nobody closed must not draw other customers into one customer's address."""

from __future__ import annotations

from pathlib import Path

import pytest

from archives.models import DossierPage
from archives.profiles import latest_profile
from exchange.import_report import problems_of
from exchange.importing import begin, go_on, start_batch
from exchange.tables import Column, Table, TableError, read_table
from tests.archives.conftest import Archive
from tests.conftest import World

COLUMNS = [
    Column("unit", "房号", required=True),
    Column("name", "客户姓名", required=True),
    Column("phone", "手机", required=True),
    Column("address", "通讯地址", required=True),
]
HEAD = "房号,客户姓名,手机,通讯地址"
FIRST, SECOND, THIRD = (f"3-2-120{n},客{n},1380000123{n},示例市示例路{n}号" for n in (1, 2, 3))


def read(*lines: str, end: str = "\n") -> Table:
    return read_table(end.join([HEAD, *lines, ""]).encode(), COLUMNS)


def spoiled(table: Table) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.code) for one in table.problems]


def test_c1_the_line_of_an_open_quote_is_handed_back_and_the_others_are_read(
    world: World, archive: Archive, test_data: Path
) -> None:
    lines = (test_data / "faults" / "inputs" / "csv_unbalanced_quote.csv").read_text("utf-8").splitlines()
    content = "\n".join([f"签约日期,{lines[0]}", *(f"2026-10-01,{line}" for line in lines[1:])]).encode()
    batch = start_batch(by=archive.sales, kind="handover", options={"estate": world.estate.pk}, content=content)
    go_on(batch)
    assert [(row, column) for row, column, words in problems_of(batch) if "引号" in words] == [(2, "")]
    go_on(begin(by=archive.sales, batch=batch, state="writing"))
    profiles = [latest_profile(one.customer) for one in DossierPage.objects.order_by("unit__code")]
    assert [(one["name"], one["address"]) for one in profiles] == [
        ("李四", "示例市示例路2号"),
        ("王五", "示例市示例路3号"),
    ]


def opened(line: str) -> str:
    before, _comma, last = line.rpartition(",")
    return f'{before},"{last}'


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize(
    ("lines", "bad"),
    [
        ([opened(FIRST), SECOND, THIRD], [2]),
        ([opened(FIRST), f'{SECOND}"', THIRD], [2, 3]),
        ([opened(FIRST), SECOND, f'{THIRD}"'], [2, 4]),
        ([opened(FIRST), opened(SECOND), THIRD], [2, 3]),
        ([FIRST, opened(SECOND), THIRD], [3]),
        ([FIRST, SECOND, opened(THIRD)], [4]),
        ([opened(FIRST), '"3-2-1202","客2","13800001232","示例市示例路2号"', THIRD], [2]),
        (['3-2-1201,"客1",13800001231,"示例市"示例路1号', SECOND, THIRD], [2]),
        ([opened(FIRST), '3-2-1202"', THIRD], [2, 3]),
    ],
    ids=[
        "first",
        "closed a row later",
        "two rows later",
        "twice",
        "second",
        "last",
        "all quoted",
        "stray",
        "a short row",
    ],
)
def test_c1_no_value_holds_anything_of_another_line(lines: list[str], bad: list[int], end: str) -> None:
    table = read(*lines, end=end)
    assert sorted({one.row for one in table.problems if one.code == "quote"}) == bad
    for row in table.rows:
        if row.number not in bad:
            assert row.cells["address"] == f"示例市示例路{row.number - 1}号"
    assert [row.number for row in table.rows] == [2, 3, 4]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_c1_a_line_break_that_somebody_typed_is_kept(end: str) -> None:
    table = read('3-2-1201,客1,13800001231,"示例市示例路1号\n2单元，左手门"', SECOND, end=end)
    assert spoiled(table) == []
    assert table.rows[0].cells["address"] == "示例市示例路1号\n2单元，左手门"
    assert table.rows[1].number == 4


def test_c1_quotes_doubled_within_quotes_and_marks_within_text_are_kept() -> None:
    table = read('3-2-1201,客1,13800001231,"示例市""示例""路1号,2单元"', '3-2-1202,客2,13800001232,示例市5"管旁2号')
    assert spoiled(table) == []
    assert [row.cells["address"] for row in table.rows] == ['示例市"示例"路1号,2单元', '示例市5"管旁2号']


def test_c1_a_text_cut_at_its_own_comma_is_said_and_not_lost() -> None:
    table = read(f"{FIRST},2单元", SECOND, f"{THIRD},,")
    assert spoiled(table) == [(2, "", "ragged")]


def test_c1_the_delimiter_is_that_of_the_headings_not_of_a_title() -> None:
    title = "云栖湾移交表,第二批,2026 年"
    lines = [title, HEAD.replace(",", ";"), FIRST.replace(",", ";")]
    (row,) = read_table("\n".join(lines).encode(), COLUMNS).rows
    assert (row.number, row.cells["address"]) == (3, "示例市示例路1号")


def test_c1_line_separators_that_are_no_line_ends_stay_text() -> None:
    table = read(FIRST.replace("示例市", "示例\u2028市\x0b"), SECOND)
    assert [row.number for row in table.rows] == [2, 3]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_c1_every_encoding_is_read_whole(encoding: str) -> None:
    (row,) = read_table(f"{HEAD}\r\n{FIRST}\r\n".encode(encoding), COLUMNS).rows
    assert row.cells["address"] == "示例市示例路1号"


def test_c1_broken_bytes_are_named_by_their_line_and_never_read_as_something_else() -> None:
    content = f"{HEAD}\n{FIRST}\n{SECOND}\n".encode().replace("客2".encode(), "客2".encode()[:2] + b"2")
    with pytest.raises(TableError, match="第 3 行有损坏的文字"):
        read_table(content, COLUMNS)
    with pytest.raises(TableError, match="编码"):
        read_table(f"{HEAD}\n{FIRST}\n".encode("utf-16") + b"\x00", COLUMNS)
    assert spoiled(read(FIRST.replace("客1", "客\ufffd"), SECOND.replace("客2", "客\0二"))) == [
        (2, "name", "garbled"),
        (3, "name", "garbled"),
    ]
