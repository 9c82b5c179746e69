"""What is suggested while one types: what begins so, or sounds so, among what the person may see."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from casebook.factories import make_draft
from casebook.services.following import note_query, pin_case
from casebook.suggesting import MOST, suggestions_for
from estates.factories import make_unit
from estates.models import User
from tests.casebook.test_following import published
from tests.casebook.test_search_page import client_of
from tests.conftest import World


def labels(user: User, text: str) -> list[tuple[str, str]]:
    return [(one.label, one.detail) for one in suggestions_for(user, text)]


@pytest.mark.parametrize("text", ["yqw", "yunqi", "云栖", "YLW", "ＹＱＷ", "雲棲"])
def test_an_estate_by_name_pinyin_initials_or_code(world: World, text: str) -> None:
    assert ("云栖湾", "楼盘") in labels(world.editor, text)


@pytest.mark.parametrize("text", ["3-2-12", "3栋2单元12", "三栋二单元12", "3栋2单元1201"])
def test_a_home_in_any_spelling_if_it_has_a_case(world: World, text: str) -> None:
    make_draft(world.editor, world.estate, world.company.design, unit=world.unit)
    make_unit(world.estate, "3栋2单元1202")
    assert labels(world.editor, text) == [("3栋2单元1201", "云栖湾")]
    assert labels(world.designer, text) == []
    assert labels(world.other_editor, text) == []


def test_a_record_by_its_title_or_number_for_those_who_see_it(world: World) -> None:
    case = published(world)
    for text in ("顶板", "頂板渗", str(case.number)[:8], str(case.number).lower()):
        assert (case.title, f"{case.number} · 云栖湾") in labels(world.designer, text)
        assert case.title not in dict(labels(world.engineer, text))
        assert case.title not in dict(labels(world.other_editor, text))
    assert case.title not in dict(labels(world.designer, "积水"))  # of the text, not the title


def test_a_colleague_by_name_or_pinyin_if_he_recorded_what_one_may_see(world: World) -> None:
    User.objects.filter(pk=world.editor.pk).update(display_name="王五（示例）")
    User.objects.filter(pk=world.manager.pk).update(display_name="王六（示例）")
    case = published(replace(world, editor=User.objects.get(pk=world.editor.pk)))
    for text in ("王", "ww", "wangw"):
        assert [one for one in labels(world.designer, text) if "同事" in one[1]] == [("王五（示例）", "同事记录的案例")]
        assert labels(world.other_editor, text) == []
    [found] = [one for one in suggestions_for(world.designer, "ww") if "同事" in one.detail]
    assert case.title in client_of(world.designer).get(found.address).content.decode()


def test_lists_by_word_pinyin_or_initials(world: World) -> None:
    assert ("给排水与消防", "专业") in labels(world.designer, "gps")
    assert ("建筑主体及户内", "类别") in labels(world.designer, "主体")
    assert ("交房", "阶段") in labels(world.designer, "jiaof")
    assert ("设计管理部", "责任部门") in labels(world.designer, "sjgl")


def test_an_empty_box_shows_what_is_ones_own(world: World) -> None:
    case = published(world)
    pin_case(by=world.designer, case=case)
    note_query(by=world.designer, text="变形缝", asked="q=变形缝")
    note_query(by=world.reader, text="电梯", asked="q=电梯")
    assert labels(world.designer, "") == [(case.title, "收藏的案例"), ("变形缝", "最近查过")]
    assert labels(world.designer, "变") == [("变形缝", "最近查过")]
    assert labels(world.reader, "变") == []


@pytest.mark.parametrize("text", ["", "%", "_", "\0", "\ud83d", "😀", "'\"*", "a" * 10_000, "水" * 400, "-", "OR"])
def test_whatever_is_typed_is_answered(world: World, text: str) -> None:
    answer = client_of(world.editor).post(reverse("casebook:suggest"), {"q": text.encode("utf-8", "replace").decode()})
    assert answer.status_code == 200
    assert len(answer.json()["options"]) <= MOST


def test_what_may_name_a_customer_gets_no_answer_and_stands_nowhere(world: World) -> None:
    client = client_of(world.editor)
    assert client.post(reverse("casebook:suggest"), {"q": "13800138000"}).json() == {"options": []}
    assert client.get(reverse("casebook:suggest")).status_code == 405
    assert Client().post(reverse("casebook:suggest"), {"q": "云栖"}).status_code == 302


def test_a_key_costs_a_fixed_number_of_questions(world: World, django_assert_max_num_queries: object) -> None:
    for number in range(12):
        note_query(by=world.editor, text=f"顶板{number}", asked=f"q=顶板{number}")
        published(world, f"顶板渗漏 {number}")
    for text in ("顶板", "3栋", "yqw", ""):
        with django_assert_max_num_queries(12):  # type: ignore[operator]
            suggestions_for(User.objects.get(pk=world.editor.pk), text)
