"""The search page: what it understood, what it did not find, and the words that staff keep."""

from __future__ import annotations

import os
import re
from datetime import date
from html import unescape
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from wagtail.models import ModelLogEntry

from casebook.factories import make_draft, publish
from casebook.models import CasePage
from casebook.services.bulk import PublishedCase, file_published_cases
from estates.models import User
from search.models import FailedQuery, SynonymGroup
from tests.conftest import World

STRINGS = int(os.environ.get("SOAK_STRINGS", "200"))


def published(world: World) -> CasePage:
    draft = make_draft(world.editor, world.estate, world.company.design, unit=world.unit)
    return publish(draft, by=world.editor, manager=world.manager, confirmer=world.designer)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, text: str, **parameters: str) -> str:
    answer = client.get("/search/", {"q": text, **parameters})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("楼盘:云栖湾 变形缝", True),
        ("楼盘：YLW 变形缝", True),
        ("estate:yqw 变形缝", True),
        ("楼盘:海棠苑 变形缝", False),
        ("-楼盘:云栖湾 变形缝", False),
        ("部门:设计 变形缝", True),
        ("dept:工程 变形缝", False),
        ("类型:案例 变形缝", True),
        ("类别:建筑主体 变形缝", True),
        ("阶段:入住", True),
        ("stage:handover", False),
        ("状态:已发布", True),
        ("月份:2026-11", True),
        ("month:2026-10", False),
        ("日期:2026-11-20", True),
        ("日期:2026-11-21..", False),
    ],
)
def test_fields_narrow_in_both_languages(world: World, typed: str, found: bool) -> None:
    case = published(world)
    assert (str(case.number) in page(client_of(world.designer), typed)) is found


def test_the_parsed_query_is_shown_back_in_words(world: World) -> None:
    body = page(client_of(world.designer), "渗漏 OR 漏水 -投诉 楼盘:云栖湾 日期:2026-01..2026-03 部门:不存在")
    for words in (
        "含 “渗漏”或“漏水”和“不存在”",
        "不含 “投诉”",
        "楼盘：云栖湾",
        "日期：2026-01-01 至 2026-03-31",
        "“不存在”没有对应的条目，按普通词语查找",
    ):
        assert words in body
    assert "查找：" not in page(client_of(world.designer), "渗漏 地下车库")


def test_a_query_that_found_nothing_becomes_a_synonym_by_a_click(world: World) -> None:
    case = published(world)
    designer, manager = client_of(world.designer), client_of(world.manager)
    for _ in range(2):
        assert str(case.number) not in page(designer, "伸缩缝冒汗")
    assert list(FailedQuery.objects.values_list("text", "times")) == [("伸缩缝冒汗", 2)]
    body = manager.get("/search/words/").content.decode()
    assert "伸缩缝冒汗" in body
    assert "?word=" in body
    saved = manager.post("/search/words/", {"words": "伸缩缝冒汗、变形缝处渗漏"})
    assert saved.status_code == 302
    assert str(case.number) in page(designer, "伸缩缝冒汗")
    assert not FailedQuery.objects.exists()


@pytest.mark.parametrize(
    "text", ["13800000001", "张先生漏水", "9栋9单元9999", "110101199003070000", "没有的" * 40], ids=range(5)
)
def test_what_may_name_a_person_or_a_home_is_not_kept(world: World, text: str) -> None:
    page(client_of(world.designer), text)
    assert not FailedQuery.objects.exists()


def test_only_managers_keep_words(world: World) -> None:
    for user in (world.editor, world.designer):
        client = client_of(user)
        assert client.get("/search/words/").status_code == 403
        assert client.post("/search/words/", {"words": "甲、乙"}).status_code == 403
    assert not SynonymGroup.objects.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("漏水", "请写至少两个词"),
        ("，，", "请写至少两个词"),
        ("、".join(f"词{n}" for n in range(30)), "一组最多 20 个词"),
        ("漏水、" + "渗" * 30, "太长"),
        ("漏水、冒水", "已经在另一组里"),
    ],
)
def test_words_that_make_no_group_are_refused_and_stay_in_the_field(world: World, words: str, message: str) -> None:
    SynonymGroup.objects.create(words="冒水、渗水")
    answer = client_of(world.manager).post("/search/words/", {"words": words})
    assert (answer.status_code, SynonymGroup.objects.count()) == (422, 1)
    assert message in answer.content.decode()
    assert words in answer.content.decode()


def test_groups_are_changed_and_deleted(world: World) -> None:
    group = SynonymGroup.objects.create(words="冒水、渗水")
    manager = client_of(world.manager)
    manager.post("/search/words/", {"group": group.pk, "words": "冒水 渗水/渗漏"})
    group.refresh_from_db()
    assert group.words == "冒水、渗水、渗漏"
    manager.post("/search/words/", {"group": group.pk, "words": "", "action": "delete"})
    assert not SynonymGroup.objects.exists()


def test_a_mistyped_word_is_put_right_by_a_link(world: World) -> None:
    published(world)
    body = page(client_of(world.designer), "变形峰")
    assert "您是不是要找：" in body
    assert 'href="?q=%E5%8F%98%E5%BD%A2%E7%BC%9D"' in body
    assert "您是不是要找：" not in page(client_of(world.engineer), "变形峰")


def many(world: World, numbers: range, title: str = "外墙空鼓") -> None:
    file_published_cases(
        [
            PublishedCase(world.estate, date(2026, 1, 1 + n % 28), {"title": title, "to_design": True}, f"{title}{n}")
            for n in numbers
        ],
        by=None,
    )


def shown(body: str) -> list[str]:
    return re.findall(r'<h2><a href="/c/([^/]+)/', body)


def link(body: str, which: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{which}"', body)
    return unescape(found[1]) if found else ""


@pytest.mark.parametrize("order", ["", "date"])
def test_pages_neither_repeat_nor_skip_while_records_change(world: World, order: str) -> None:
    many(world, range(55))
    client = client_of(world.designer)
    first = page(client, "外墙 空鼓", order=order)
    many(world, range(100, 110), "外墙外墙空鼓空鼓")
    moved = CasePage.objects.get(number=shown(first)[3])
    moved.title = "外墙空鼓外墙空鼓外墙空鼓"
    moved.save(clean=False)
    read, body = shown(first), first
    while following := link(body, "next"):
        body = client.get(f"/search/{following}").content.decode()
        read += shown(body)
    assert len(read) == len(set(read)) == 65
    back = client.get(f"/search/{link(body, 'prev')}").content.decode()
    assert len(shown(back)) == 20


@pytest.mark.parametrize("seen", ["zzzzzzzzzzzzzzzzzzzz", "..", "<script>", "1.1.1", "-1", "渗漏", "0." * 5000])
def test_a_page_address_made_up_is_a_page(world: World, seen: str) -> None:
    case = published(world)
    assert str(case.number) in page(client_of(world.designer), "变形缝", seen=seen)


def test_those_who_may_take_results_out_as_a_sheet_without_formulas(world: World) -> None:
    case = published(world)
    CasePage.objects.filter(pk=case.pk).update(lesson="=HYPERLINK(1)", cause="-1+1")
    many(world, range(3), "与查询无关")
    manager = client_of(world.manager)
    assert "/search/export/?q=" in page(manager, "变形缝")
    answer = manager.get("/search/export/", {"q": "变形缝"})
    [sheet] = load_workbook(BytesIO(answer.content)).worksheets
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["案例编号", case.number, f"导出人：{world.manager}，{timezone.localdate()}"]
    assert (rows[1][3], rows[1][10], rows[1][11]) == ("3栋2单元1201", "'-1+1", "'=HYPERLINK(1)")
    assert ModelLogEntry.objects.get(action="casebook.export").data == {"rows": 1}


def test_what_holds_only_a_part_is_listed_but_not_exported(world: World) -> None:
    case, manager = published(world), client_of(world.manager)
    make_draft(world.editor, world.estate, world.company.design, title="外墙变形缝", description="开裂")
    assert "开裂" in page(manager, "变形缝 渗漏")
    answer = manager.get("/search/export/", {"q": "变形缝 渗漏"})
    rows = list(load_workbook(BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    assert [row[0] for row in rows[:-1]] == ["案例编号", case.number]


def test_whoever_may_only_read_exports_nothing(world: World) -> None:
    published(world)
    for user in (world.designer, world.editor):
        client = client_of(user)
        assert client.get("/search/export/", {"q": "变形缝"}).status_code == 403
        assert "/search/export/" not in page(client, "变形缝")
    assert not ModelLogEntry.objects.filter(action="casebook.export").exists()


def test_any_text_at_all_is_a_page(world: World) -> None:
    published(world)
    client = client_of(world.designer)

    @given(st.text(max_size=60))
    @settings(max_examples=STRINGS, deadline=None)
    def asked(text: str) -> None:
        assert client.get("/search/", {"q": text.encode("utf-8", "surrogatepass")}).status_code == 200

    asked()
