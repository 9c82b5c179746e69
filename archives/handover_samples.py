"""A list as sales would hand it over, for samples, tests and the bench; people are plainly samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archives.factories import sample_identity
from exchange.spreadsheets import workbook

HEADINGS = ("房号", "客户姓名", "手机", "通讯地址", "身份证号码", "签约日期", "交房日期", "户型", "面积")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
GIVEN = "一二三四五六七八九甲乙丙丁戊己庚辛壬癸"
ROOMS, FLOORS, ENTRANCES = 4, 30, 4
SPOILED = {
    "unit": {0: "三栋之一"},
    "phone": {2: "1380000"},
    "address": {3: ""},
    "identity": {4: "999999198001010000"},
    "day": {5: "去年"},
}
"""What may be wrong with a row: the place of the cell, and what stands there instead."""


def home(number: int) -> str:
    """The home of that number, as one of the many ways staff write it."""
    floor, room = divmod(number, ROOMS)
    entrance, floor = divmod(floor, FLOORS)
    building, entrance = divmod(entrance, ENTRANCES)
    return f"{building + 1}栋{entrance + 1}单元{floor + 1}{room + 1:02}"


def sample_row(number: int) -> list[str]:
    name = SURNAMES[number % len(SURNAMES)] + GIVEN[number // 16 % len(GIVEN)] + GIVEN[number // 304 % len(GIVEN)]
    return [
        home(number),
        name,
        f"138{number:08}",
        f"示例市示例路{number}号示例花园",
        sample_identity(number),
        "2026-01-15",
        "2026年12月20日",
        "三室两厅",
        "98.50",
    ]


def sample_rows(count: int, bad: int = 0) -> Iterator[list[str]]:
    """`count` rows, of which `bad` are spoiled, in turn in each of the ways of SPOILED, spread evenly."""
    every = count // bad if bad else 0
    ways = list(SPOILED.values())
    for number in range(count):
        row = sample_row(number)
        if every and number % every == 0 and number // every < bad:
            for place, text in ways[number // every % len(ways)].items():
                row[place] = text
        yield row


def sample_table(rows: Sequence[Sequence[str]]) -> bytes:
    return workbook("移交表", [(heading, 18) for heading in HEADINGS], rows)
