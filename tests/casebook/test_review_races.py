"""Several people at once on one pack: nothing is lost, nothing overwritten, and a new revision opens what it must."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.db import connections

from casebook.models import Answer, PackItem, Project, ReviewPack
from casebook.services.answering import AnsweredMeanwhile, Reply, answer_item
from casebook.services.bulk import PublishedCase, file_published_cases
from casebook.services.drawings import upload_drawing
from casebook.services.packing import build_pack, hand_over, start_project
from casebook.vocabulary import Climate, ItemState, Library, ReviewStage
from estates.factories import make_person
from estates.roles import Role
from media.factories import draw_sheets
from tests.conftest import World

ITEMS, PEOPLE = 24, 4


def handed_over(world: World) -> ReviewPack:
    head = make_person("head", Role.MANAGER, department=world.company.service)
    told = {"description": "渗漏", "lesson": "设防水", "components": ["basement"], "to_design": True}
    cases = [
        PublishedCase(world.estate, date(2026, 1, 5), {**told, "title": f"经验{n}"}, f"race-{n}") for n in range(ITEMS)
    ]
    file_published_cases(cases, by=None)
    project = Project(estate=world.other_estate, name="一期", climate=Climate.COLD, components=["basement"])
    start_project(by=head, project=project, demanding=[])
    stage = project.stages.get(kind=ReviewStage.DRAWINGS)
    return hand_over(by=head, pack=build_pack(by=head, stage=stage, library=Library.DESIGN, cap=40))


@pytest.mark.django_db(transaction=True)
def test_four_people_on_every_item_leave_one_answer_each_and_are_told(build: Callable[[], World]) -> None:
    world = build()
    items = list(handed_over(world).items.all())

    def answer(number: int) -> bool:
        try:
            item = items[number % ITEMS]
            answer_item(by=world.designer, item=item, reply=Reply("avoided", f"第{number}人", "建施-1"), seen=0)
        except AnsweredMeanwhile:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        saved = list(pool.map(answer, range(ITEMS * PEOPLE)))
    assert (sum(saved), Answer.objects.count()) == (ITEMS, ITEMS)
    assert set(PackItem.objects.values_list("answers", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_a_revision_uploaded_while_answers_are_saved_opens_all_of_the_changed_page(build: Callable[[], World]) -> None:
    world = build()
    pack = handed_over(world)
    items = list(pack.items.order_by("position"))
    first, second = (ContentFile(draw_sheets("一层", plan)) for plan in ("二层", "二层改"))
    upload_drawing(by=world.designer, pack=pack, number="建施-1", revision="A", upload=first, name="1.pdf")

    def act(number: int) -> None:
        try:
            if number == ITEMS // 2:
                upload_drawing(by=world.reader, pack=pack, number="建施-1", revision="B", upload=second, name="1.pdf")
                return
            reply = Reply("avoided", "", "建施-1", "A", 1 + number % 2)
            answer_item(by=world.designer, item=items[number], reply=reply, seen=0)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(ITEMS)))
    assert Answer.objects.count() == ITEMS - 1
    for item in pack.items.exclude(pk=items[ITEMS // 2].pk):
        page = item.given.get().page
        assert (page, item.state) in ((1, ItemState.ANSWERED), (2, ItemState.OPEN))
    assert pack.items.filter(reopened_for="建施-1 B").count() == Answer.objects.filter(page=2).count()
