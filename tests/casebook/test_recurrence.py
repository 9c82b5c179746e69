"""The trouble happens again: the item is found, linked, counted, and its lesson opened again; standards and age."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from casebook.lesson_facts import lesson_facts
from casebook.lesson_scores import LessonScore, lessons_due, lessons_opened_again, scores_of
from casebook.measures import measures
from casebook.models import Adoption, CasePage, LessonReview, NoRecurrence, PackItem, Project, Recurrence, ReviewPack
from casebook.services.adopting import adopt_lesson, latest_adoptions
from casebook.services.answering import Reply, answer_item
from casebook.services.bulk import PublishedCase, file_published_cases
from casebook.services.checking import accept_answers
from casebook.services.errors import CaseError
from casebook.services.packing import build_pack, hand_over, start_project
from casebook.services.recurring import (
    cases_to_compare,
    deny_recurrence,
    is_asked_about,
    link_recurrence,
    proposals_for,
    review_lesson,
    unlink_recurrence,
)
from casebook.vocabulary import Climate, Component, Library, ProductType, ReviewStage
from cms.sample_data import sample_cases, sample_fields
from estates.factories import make_estate, make_person
from estates.models import Estate, User
from estates.roles import Role
from tests.conftest import World

CORES = [line.split("\t") for line in (Path(__file__).parent / "recurring_cases.tsv").read_text("utf-8").splitlines()]
BEFORE = ("业主来电：", "回访时反映，", "群里有人说", "入住半年后发现，", "")
AFTER = ("物业看过了没有处理。", "希望尽快来人。", "已经是第二次反映。", "邻居家也一样。", "")
PROJECTS, CASES = 10, 200


def file_cases(estate: Estate, rows: list[dict[str, object]], key: str, day: date = date(2026, 1, 5)) -> list[CasePage]:
    cases = [PublishedCase(estate, day, row, f"{key}-{n}") for n, row in enumerate(rows)]
    return file_published_cases(cases, by=None)


def reviewed(estate: Estate, head: User, *stages: tuple[ReviewStage, Library]) -> list[ReviewPack]:
    """A project there, with packs handed over."""
    project = Project(
        estate=estate,
        name="一期",
        product_types=[ProductType.HIGH_RISE],
        climate=Climate.COLD,
        components=[one.value for one in Component],
    )
    start_project(by=head, project=project, demanding=[])
    packs = [
        build_pack(by=head, stage=project.stages.get(kind=stage), library=library, cap=60) for stage, library in stages
    ]
    return [hand_over(by=head, pack=pack) for pack in packs]


def test_the_item_that_should_have_prevented_a_case_is_among_the_first_three(world: World, head: User) -> None:
    file_cases(world.estate, [sample_fields(row) for row in sample_cases()], "lesson")
    draw = random.Random(7)
    found = 0
    for number in range(PROJECTS):
        estate = make_estate(f"N{number}", f"新楼盘{number}")
        packs = reviewed(
            estate, head, (ReviewStage.DRAWINGS, Library.DESIGN), (ReviewStage.CONSTRUCTION, Library.QUALITY)
        )
        asked = {item.shown["title"] for pack in packs for item in pack.items.all()}
        cores = draw.sample([core for core in CORES if core[0] in asked], CASES // PROJECTS)
        texts: list[dict[str, object]] = [
            {"title": title, "description": f"{draw.choice(BEFORE)}{text}{draw.choice(AFTER)}", "to_service": True}
            for _lesson, title, text in cores
        ]
        filed = {case.source_id: case for case in file_cases(estate, texts, f"new-{number}", timezone.localdate())}
        for place, (lesson, _title, _text) in enumerate(cores):
            proposals = proposals_for(head, filed[f"new-{number}-{place}"])
            found += lesson in {proposal.item.shown["title"] for proposal in proposals}
    print(f"the matching item among the first three: {found} of {CASES}")
    assert found >= CASES * 0.9


@pytest.fixture
def lesson(world: World) -> CasePage:
    """A published lesson that nobody reviewed yet."""
    fields: dict[str, object] = {
        "title": "地下车库顶板变形缝渗漏",
        "description": "变形缝处雨后持续滴水。",
        "lesson": "变形缝须同时设防水和排水。",
        "components": ["basement"],
        "category": "building",
        "responsible_department": world.company.design,
        "cost": Decimal(20000),
        "to_design": True,
    }
    other = {**fields, "title": "玄关无插座", "description": "玄关没有插座。", "components": ["electrical"]}
    filed = {case.title: case for case in file_cases(world.estate, [fields, other], "old")}
    return filed["地下车库顶板变形缝渗漏"]


@pytest.fixture
def item(world: World, lesson: CasePage, head: User) -> PackItem:
    """That lesson in a pack of the other estate, answered as avoided and accepted."""
    (pack,) = reviewed(world.other_estate, head, (ReviewStage.DRAWINGS, Library.DESIGN))
    row = pack.items.get(case=lesson)
    answer_item(by=world.designer, item=row, reply=Reply("avoided", drawing_number="建施-12"), seen=0)
    accept_answers(by=head, items=[(row, 1)])
    return row


def new_case(estate: Estate, key: str = "again") -> CasePage:
    told: dict[str, object] = {"title": "车库顶上滴水", "description": "下雨后车库变形缝往下滴水。", "to_service": True}
    return file_cases(estate, [told], key, timezone.localdate())[0]


def test_a_linked_case_opens_the_lesson_and_changes_its_score_by_one(
    world: World, lesson: CasePage, item: PackItem, head: User
) -> None:
    case = new_case(world.other_estate)
    before = measures(head, year=None)
    assert scores_of([lesson.pk]) == {lesson.pk: LessonScore(1, 1, 1, 0)}
    assert list(cases_to_compare(head)) == [case]
    proposals = proposals_for(head, case)
    assert [proposal.item for proposal in proposals][:1] == [item]
    assert "变形缝" in proposals[0].shared
    linked = link_recurrence(by=head, case=case, item=item)
    assert (linked.verdict, linked.asks_for_rewording) == ("avoided", True)
    assert scores_of([lesson.pk]) == {lesson.pk: LessonScore(1, 1, 1, 1)}
    assert [fact.recurred for fact in lesson_facts(head, Library.DESIGN) if fact.id == lesson.pk] == [1]
    after = measures(head, year=None)
    assert (before.total.recurred, after.total.recurred) == (0, 1)
    assert (before.estimate.costs, after.estimate.costs) == (Decimal(20000), Decimal(0))
    assert [(line.label, line.recurred) for line in after.by_lesson] == [
        ("地下车库顶板变形缝渗漏", 1),
        ("玄关无插座", 0),
    ]
    assert [(line.label, line.recurred) for line in after.by_department] == [("设计管理部", 1)]
    opened = lessons_opened_again(head).get()
    assert (opened, opened.rewording is not None) == (lesson, True)
    assert not cases_to_compare(head).exists()
    with pytest.raises(CaseError, match="已经关联"):
        link_recurrence(by=head, case=case, item=item)
    with pytest.raises(CaseError, match="先取消关联"):
        deny_recurrence(by=head, case=case)
    unlink_recurrence(by=head, recurrence=linked)
    assert (measures(head, year=None), is_asked_about(case)) == (before, True)


def test_a_lesson_is_settled_after_it_was_reworded_or_with_a_reason(
    world: World, lesson: CasePage, item: PackItem, head: User
) -> None:
    link_recurrence(by=head, case=new_case(world.other_estate), item=item)
    for settlement, note, words in (
        ("reworded", "", "还没有发布新的版本"),
        ("still_valid", " ", "为什么仍然有效"),
        ("", "好", "请选择"),
    ):
        with pytest.raises(CaseError, match=words):
            review_lesson(by=head, case=lesson, settlement=settlement, note=note)
    with pytest.raises(PermissionDenied):
        review_lesson(by=world.designer, case=lesson, settlement="still_valid", note="好")
    assert not LessonReview.objects.exists()
    review_lesson(by=head, case=lesson, settlement="still_valid", note="施工没有按图")
    assert not lessons_opened_again(head).exists()
    link_recurrence(by=head, case=new_case(world.other_estate, "third"), item=item)
    CasePage.objects.filter(pk=lesson.pk).update(last_published_at=timezone.now())
    review_lesson(by=head, case=lesson, settlement="reworded", note="")
    assert not lessons_opened_again(head).exists()


def test_what_is_no_recurrence_is_not_asked_again(world: World, item: PackItem, head: User) -> None:
    case = new_case(world.other_estate)
    deny_recurrence(by=head, case=case)
    assert (is_asked_about(case), cases_to_compare(head).exists()) == (False, False)
    link_recurrence(by=head, case=case, item=item)
    assert not NoRecurrence.objects.exists()


def test_only_items_of_the_same_estate_are_linked_and_by_those_who_file_there(
    world: World, lesson: CasePage, item: PackItem, head: User
) -> None:
    elsewhere = new_case(world.estate)
    assert proposals_for(head, elsewhere) == []
    with pytest.raises(CaseError, match="本楼盘"):
        link_recurrence(by=head, case=elsewhere, item=item)
    case = new_case(world.other_estate, "other")
    for user in (world.designer, world.engineer, world.manager):
        with pytest.raises(PermissionDenied):
            link_recurrence(by=user, case=case, item=item)
        with pytest.raises(PermissionDenied):
            deny_recurrence(by=user, case=case)
    assert (Recurrence.objects.count(), NoRecurrence.objects.count()) == (0, 0)


def test_a_case_from_before_the_review_is_no_recurrence_of_it(
    world: World, lesson: CasePage, item: PackItem, head: User
) -> None:
    case = new_case(world.other_estate)
    ReviewPack.objects.update(handed_over_at=timezone.now() + timedelta(1))
    assert (proposals_for(head, case), list(cases_to_compare(head))) == ([], [])


def test_a_department_adopts_a_lesson_or_says_why_not(world: World, lesson: CasePage) -> None:
    department = world.company.design
    lesson.distributions.create(department=department)
    for outcome, number, note, words in (
        ("adopted", " ", "", "标准图号"),
        ("not_applicable", "", "", "为什么不适用"),
        ("", "", "", "请选择"),
    ):
        with pytest.raises(CaseError, match=words):
            adopt_lesson(
                by=world.designer,
                case=lesson,
                department=department,
                outcome=outcome,
                standard_number=number,
                note=note,
            )
    with pytest.raises(PermissionDenied):
        adopt_lesson(by=world.engineer, case=lesson, department=department, outcome="adopted", standard_number="1")
    with pytest.raises(CaseError, match="没有发给"):
        adopt_lesson(
            by=_both(world),
            case=lesson,
            department=world.company.engineering,
            outcome="adopted",
            standard_number="1",
        )
    assert not Adoption.objects.exists()
    adopt_lesson(by=world.designer, case=lesson, department=department, outcome="not_applicable", note="没有地下室")
    adopt_lesson(by=world.reader, case=lesson, department=department, outcome="adopted", standard_number="苏J-07")
    assert [(a.outcome, a.standard_number, a.noted_by) for a in latest_adoptions(lesson)] == [
        ("adopted", "苏J-07", world.reader)
    ]
    assert Adoption.objects.count() == 2


def _both(world: World) -> User:
    """Speaks for design and for engineering."""
    user = make_person("both", Role.DESIGN, department=world.company.design)
    return make_person(user.username, Role.ENGINEERING, department=world.company.engineering)


def test_a_lesson_comes_up_for_review_by_age(lesson: CasePage, head: User, settings: Settings) -> None:
    assert not lessons_due(head).exists()
    CasePage.objects.filter(pk=lesson.pk).update(last_published_at=timezone.now() - timedelta(800))
    assert list(lessons_due(head)) == [lesson]
    settings.LESSONS_DUE_AFTER_MONTHS = 36
    assert not lessons_due(head).exists()
    settings.LESSONS_DUE_AFTER_MONTHS = 24
    review_lesson(by=head, case=lesson, settlement="still_valid", note="规范没有变")
    assert not lessons_due(head).exists()


def test_the_measures_add_up(world: World, item: PackItem, head: User) -> None:
    other = item.pack.items.exclude(pk=item.pk).get()
    answer_item(by=world.designer, item=other, reply=Reply("not_avoided", note="没有位置"), seen=0)
    found = measures(head, year=timezone.localdate().year, share=Decimal("0.5"))
    assert (found.packs, found.signed, found.checked) == (1, 0, 1)
    assert (found.total.shown, found.total.answered, found.total.avoided) == (2, 2, 1)
    assert (found.total.avoided_rate, found.total.recurrence_rate) == (0.5, 0.0)
    assert (found.estimate.amount, found.estimate.cases) == (Decimal(10000), 1)
    assert found.hours_to_answer is not None
    assert measures(head, year=2020).packs == 0


def test_the_pages_of_use_and_measures(
    world: World, lesson: CasePage, item: PackItem, head: User, client: Client
) -> None:
    case = new_case(world.other_estate)
    lesson.distributions.create(department=world.company.design)
    client.force_login(head)
    assert "地下车库顶板变形缝渗漏" in client.get(f"/c/{case.key}/use/").content.decode()
    client.post(f"/c/{case.key}/recurrence/", {"action": "link", "item": item.pk})
    client.post(f"/c/{case.key}/recurrence/", {"action": "link", "item": "99999"})
    assert client.post(f"/c/{case.key}/recurrence/", {"action": "fly"}).status_code == 404
    assert Recurrence.objects.get().item == item
    assert "答过“已规避”，要改写" in client.get("/lessons/review/").content.decode()
    assert '<dd id="recurred">1</dd>' in client.get("/measures/?share=x&year=1").content.decode()
    client.post(f"/c/{lesson.key}/settle/", {"settlement": "still_valid", "note": "施工问题"})
    assert LessonReview.objects.get().reviewed_by == head
    client.force_login(world.designer)
    assert "苏J-07" not in client.get(f"/c/{lesson.key}/use/").content.decode()
    adopted = {"department": world.company.design.pk, "outcome": "adopted", "standard_number": "苏J-07"}
    client.post(f"/c/{lesson.key}/adopt/", adopted)
    assert "苏J-07" in client.get(f"/c/{lesson.key}/use/").content.decode()
    assert client.post(f"/c/{lesson.key}/adopt/", adopted | {"department": "0"}).status_code == 403
    for address in ("/measures/", "/lessons/review/"):
        assert client.get(address).status_code == 403
    assert client.get(f"/c/{case.key}/use/").status_code == 404
