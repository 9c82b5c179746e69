"""The lesson sheet: one page, and never the unit or a person."""

from __future__ import annotations

import pypdfium2
import pytest
from django.test import Client

from casebook.factories import make_draft, publish
from casebook.models import CasePage
from casebook.services.filing import CaseContent, save_case
from casebook.sheets import lesson_sheet
from exchange.printing import printable
from tests.conftest import World


def text_of(pdf: bytes) -> tuple[int, str]:
    document = pypdfium2.PdfDocument(pdf)
    return len(document), "".join(page.get_textpage().get_text_range() for page in document)


def published(world: World, **changes: object) -> CasePage:
    draft = make_draft(world.editor, world.estate, world.company.design, unit=world.unit, photos=3)
    draft = save_case(case=draft, by=world.editor, content=CaseContent(changes))
    return publish(draft, by=world.editor, manager=world.manager, confirmer=world.designer)


def test_the_sheet_names_neither_unit_nor_person(world: World) -> None:
    case = published(
        world, description="张三先生家３栋２单元１２０１顶板渗漏，车牌湘A12345旁积水。", lesson="李女士建议加接水槽。"
    )
    pages, text = text_of(lesson_sheet(case))
    assert pages == 1
    for private in ("1201", "１２０１", "张三", "先生", "李女士", "湘A12345", "3-2-1201"):
        assert private not in text, private
    for wanted in (
        "YLW-AL-2026-00001",
        "地下车库顶板渗漏",
        "顶板渗漏",
        "加接水槽",
        "变形缝防水节点未设置排水槽",
        "云栖湾",
    ):
        assert wanted in text.replace("\r\n", ""), wanted


@pytest.mark.parametrize("length", [30, 200, 600])
def test_ordinary_lengths_fit_one_page(world: World, length: int) -> None:
    case = published(world, description="渗漏" * (length // 2), cause="接缝" * (length // 4))
    assert text_of(lesson_sheet(case))[0] == 1


def test_a_very_long_case_runs_on_and_loses_nothing(world: World) -> None:
    case = published(world, description="渗漏" * 4000 + "完")
    pages, text = text_of(lesson_sheet(case))
    assert pages > 1
    assert text.count("渗漏") >= 4000 or "完" in text


def test_a_character_without_a_glyph_is_marked_and_said(world: World) -> None:
    assert printable("渗漏😀").text == "渗漏〓"
    case = published(world, description="渗漏😀处")
    assert "有 1 个字符不在印刷字库中" in text_of(lesson_sheet(case))[1].replace("\r\n", "")


def test_versions_of_a_case_can_be_compared_in_the_admin(world: World) -> None:
    draft = make_draft(world.editor, world.estate, world.company.design)
    first = draft.latest_revision_id
    later = save_case(case=draft, by=world.editor, content=CaseContent({"lesson": "第二版教训"}))
    client = Client()
    client.force_login(world.editor)
    page = client.get(f"/admin/pages/{draft.pk}/revisions/compare/{first}...{later.latest_revision_id}/")
    assert page.status_code == 200
    assert "第二版教训" in page.content.decode()
