"""Cases as a table go through the same machine."""

from __future__ import annotations

from casebook.models import CasePage
from estates.factories import make_person
from estates.models import NumberEntry
from estates.roles import Role
from exchange.import_report import problems_of, tally
from exchange.importing import begin, check_batch, go_on, start_batch
from exchange.spreadsheets import workbook
from search.models import IndexedDocument
from tests.conftest import World

HEADINGS = [(name, 12) for name in ("来源编号", "日期", "标题", "问题说明", "处理措施", "楼盘代码")]
ROWS = [
    ["A-1", "2025/03/02", "卫生间渗水", "卫生间防水层没有翻边，楼下渗水", "重做防水", "YLW"],
    ["A-2", "去年", "窗台开裂", "窗台开裂", "", "YLW"],
    ["A-1", "2025-03-03", "又一条", "同一个编号", "", "YLW"],
    ["A-3", "2025年3月4日", "墙面空鼓", "客厅墙面空鼓，联系电话 13800000001", "", "YLW"],
]


def test_a_table_of_cases_is_checked_filed_found_and_taken_back(world: World) -> None:
    boss = make_person("boss", Role.MANAGER, department=world.company.service)
    batch = start_batch(by=boss, kind="cases", options={}, content=workbook("x", HEADINGS, ROWS))
    check_batch(batch)
    batch.refresh_from_db()
    assert [(row, column) for row, column, _words in problems_of(batch)] == [(3, ""), (4, "来源编号")]
    assert "看不懂 time" in problems_of(batch)[0][2]
    go_on(begin(by=boss, batch=batch, state="writing"))
    cases = CasePage.objects.order_by("source_id")
    assert [(case.source_id, case.title, case.state) for case in cases] == [
        ("A-1", "卫生间渗水", "published"),
        ("A-3", "墙面空鼓", "published"),
    ]
    assert "13800000001" not in cases[1].description
    assert IndexedDocument.objects.count() == 2
    batch.refresh_from_db()
    go_on(begin(by=boss, batch=batch, state="undoing"))
    batch.refresh_from_db()
    assert (batch.state, tally(batch).kept, CasePage.objects.count(), IndexedDocument.objects.count()) == (
        "undone",
        0,
        0,
        0,
    )
    assert set(NumberEntry.objects.values_list("state", flat=True)) == {"void"}


def test_a_case_that_was_changed_stays(world: World) -> None:
    boss = make_person("boss", Role.MANAGER, department=world.company.service)
    batch = start_batch(by=boss, kind="cases", options={}, content=workbook("x", HEADINGS, [ROWS[0], ROWS[3]]))
    go_on(batch)
    go_on(begin(by=boss, batch=batch, state="writing"))
    changed = CasePage.objects.get(source_id="A-1")
    changed.save_revision(user=boss)
    batch.refresh_from_db()
    go_on(begin(by=boss, batch=batch, state="undoing"))
    assert list(CasePage.objects.values_list("source_id", flat=True)) == ["A-1"]
