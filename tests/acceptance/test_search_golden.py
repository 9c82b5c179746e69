"""The golden table of Chinese search: what must be found, and what must not, on every engine."""

from __future__ import annotations

from datetime import date

import pytest

from search import searching
from search.documents import Document
from search.engines import Engine
from search.language import parse
from tests.search.conftest import engine
from tests.search.engines import every_database

pytestmark = every_database
__all__ = ["engine"]
STAFF = frozenset({"staff"})
CASES = {
    1: ("电梯困人", "电梯投诉，停在3楼", "3-2-1201"),
    2: ("水压不足", "顶楼住户供水不足，已向物业反映", "3-12-201"),
    3: ("物业费与停车费", "业主对物业费有意见，业主张三反映，合同押金未退", "3-1-1202"),
    4: ("軟體故障", "門禁軟體無法開門", "5-0-302"),
    5: ("地下车库渗漏", "地下车库顶板渗漏，B1层积水", ""),
    6: ("電梯噪音", "電梯機房噪音大", ""),
    7: ("Wi-Fi 信号弱", "走廊 wi-fi 信号弱 𠮷 😀", ""),
    8: ("门禁软件升级", "软件升级后无法刷卡", ""),
    9: ("合同争议", "合同条款有争议", ""),
}
DIRECTORY = {101: ("张三", "13800000001"), 102: ("赵四", "13900000002"), 103: ("李张", "13800010003")}


def documents() -> list[Document]:
    cases = [
        Document(
            kind="case",
            id=pk,
            title=title,
            body=body,
            date=date(2026, 11, pk),
            audience=STAFF,
            codes=(f"YLW-AL-2026-{pk:05}", unit),
            facets={"estate": "YLW" if pk % 2 else "HTY", "month": "2026-11", "kind": "case"},
        )
        for pk, (title, body, unit) in CASES.items()
    ]
    people = [
        Document(
            "staff", pk, name, "", date(2026, 1, 1), STAFF, facets={"kind": "staff"}, names=(name,), phones=(phone,)
        )
        for pk, (name, phone) in DIRECTORY.items()
    ]
    return [*cases, *people]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("电梯", {1, 6}),
        ("電梯", {1, 6}),
        ("水", {2, 5}),
        ("业费", {3}),
        ("张三", {3, 101}),
        ("張三", {3, 101}),
        ("张", {3, 101, 103}),
        ("软件", {8}),
        ("軟體", {4, 8}),
        ("3栋2单元1201", {1}),
        ("3-2-1201", {1}),
        ("３栋２单元１２０１", {1}),
        ("３－２－１２０１", {1}),
        ("三栋二单元1201", {1}),
        ("3 栋 2 单元 1201", {1}),
        ("3栋1201", {1}),
        ("3栋12单元201", {2}),
        ("5栋302", {4}),
        ("0001", {101}),
        ("138", {101, 103}),
        ("13800000001", {101}),
        ("1390", {102}),
        ("zs", {101, 102}),
        ("zhangsan", {101}),
        ("ZhangSan", {101}),
        ("张珊", set()),
        ("合同 押金", {3}),
        ("“合同 押金”", set()),
        ("“物业费与停车费”", {3}),
        ("「地下车库渗漏」", {5}),
        ('"机房噪音"', {6}),
        ("电梯 -投诉", {6}),
        ("电梯 －投诉", {6}),
        ("电梯 NOT 投诉", {6}),
        ("-电梯 噪音", set()),
        ("渗漏 OR 噪音", {5, 6}),
        ("电 梯", {1, 6}),
        ("电梯怎么办", {1, 6}),
        ("YLW-AL-2026-00003", {3}),
        ("ylw-al-2026-00003", {3}),
        ("b1层", {5}),
        ("Ｂ１层", {5}),
        ("wifi", {7}),
        ("wi-fi", {7}),
        ("WiFi 信号", {7}),
        ("𠮷", {7}),
        ("😀", {7}),
        ("月份:2026-10", set()),
        ("电梯 日期:2026-11-01..2026-11-03", {1}),
        ("日期:2026年11月6日", {6}),
        ("不存在的词", set()),
    ],
)
def test_the_golden_table(engine: Engine, typed: str, expected: set[int]) -> None:
    engine.put(documents())
    assert set(engine.ids(parse(typed, audience=STAFF).selection)) == expected


@pytest.mark.parametrize(
    "typed",
    [
        '"', "“", "”“", "*", "AND OR NOT NEAR", "OR", "NOT", "-", "－－", "()", ":", "：", "楼盘:", "月份:昨天",
        "日期:2026-13-45", "^", "a" * 10_000, "渗" * 10_000, "渗漏 " * 20_000, "😀", "\0", "\ud800", "' OR 1=1 --",
        "{title}: x",
        "a & b | !c <-> d", "title:渗漏~2^3", "\\", "'", "%s", "\x1f", "日期:..", '-"', "3-2-", "\u202e漏",
    ],
    ids=lambda typed: ascii(typed[:20]),
)  # fmt: skip
def test_nothing_a_person_can_type_is_an_error(engine: Engine, typed: str) -> None:
    engine.put(documents())
    results = searching.search(engine, parse(typed, audience=STAFF))
    assert 0 <= results.total <= len(CASES) + len(DIRECTORY)
    assert searching.similar(engine, typed, audience=STAFF, kind="case", limit=3) is not None
