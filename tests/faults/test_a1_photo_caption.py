"""Every page of every record shows, with every optional field filled and with none."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from casebook.factories import make_draft, publish
from casebook.models import CasePage, Project, ReviewPack
from casebook.services.adopting import adopt_lesson
from casebook.services.answering import Reply, answer_item
from casebook.services.checking import accept_answers
from casebook.services.filing import CaseContent, Place, PlacedPhoto, save_case, start_case
from casebook.services.packing import add_case, build_pack, hand_over, start_project
from casebook.services.recurring import link_recurrence, review_lesson
from casebook.services.signing import sign_pack
from casebook.vocabulary import Library, ReviewStage
from tests.conftest import World

ROOT = Path(__file__).parent.parent.parent
CHAIN = re.compile(r"\|default(?:_if_none)?:[^|}\s]+\|(?!unlocalize)\w+")
FULL: dict[str, Any] = {
    "severity": 4,
    "cost": Decimal("1234567890.12"),
    "cause_is_drawing": True,
    "drawing_number": "建施-12",
    "drawing_cause": "detail",
    "measure": "已经处理的措施",
    "to_quality": True,
    "to_service": True,
    "is_positive": False,
    "homes_affected": 12,
    "components": ["basement", "roof"],
    "product_types": ["high_rise"],
    "climates": ["cold"],
    "review_stages": ["drawings"],
    "no_photo_reason": "另有一张没有留下",
}
EMPTY: dict[str, Any] = {
    "severity": None,
    "cost": None,
    "cause": "",
    "cause_is_drawing": None,
    "drawing_number": "",
    "stage": "",
    "category": "",
    "requirement": "",
    "components": [],
}


def test_a1_no_filter_is_given_the_default_of_another() -> None:
    """`{{ a|default:b|word:"c" }}` reads like a choice, but gives `word` a text where `a` is filled."""
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in sorted(ROOT.glob("*/templates/**/*.html"))
        for match in CHAIN.finditer(path.read_text("utf-8"))
    ]
    assert found == []


def with_captions(case: CasePage, world: World, caption: str) -> CasePage:
    photos = [PlacedPhoto(row.photo, row.phase, caption) for row in case.get_latest_revision_as_object().photos.all()]
    return save_case(case=case, by=world.editor, content=CaseContent({}, photos))


def published(world: World, *, caption: str = "", unit: bool = True, **fields: Any) -> CasePage:
    draft = make_draft(
        world.editor, world.estate, world.company.design, unit=world.unit if unit else None, photos=2, **fields
    )
    draft = with_captions(draft, world, caption)
    return publish(draft, by=world.editor, manager=world.manager, confirmer=world.designer)


def reviewed(world: World, cases: list[CasePage], *, full: bool) -> ReviewPack:
    """A pack with these lessons, answered, checked and signed; with every optional part, or with none."""
    optional = {"product_types": ["high_rise"], "homes": 300} if full else {}
    project = Project(estate=world.estate, name="一期", climate="cold", components=["basement"], **optional)
    start_project(by=world.manager, project=project, demanding=[ReviewStage.DRAWINGS])
    stage = project.stages.get(kind=ReviewStage.DRAWINGS)
    pack = build_pack(by=world.manager, stage=stage, library=Library.DESIGN, cap=40)
    for case in cases:
        if not pack.items.filter(case=case).exists():
            add_case(by=world.manager, pack=pack, case=case)
    hand_over(by=world.manager, pack=pack)
    return pack


def look(user: object, *paths: str) -> list[str]:
    client = Client(raise_request_exception=False)
    client.force_login(user)  # type: ignore[arg-type]
    found = []
    for path in paths:
        answer = client.get(path, follow=True)
        if answer.status_code != 200:
            found.append(f"{path}: {answer.status_code}")
    return found


def pages_of(case: CasePage) -> list[str]:
    base = f"/c/{case.key}/"
    return [base, *(f"{base}{part}/" for part in ("similar", "use", "sheet")), "/search/?q=渗漏", "/lessons/"]


def test_a1_a_photo_with_a_caption_shows(world: World) -> None:
    case = published(world, caption="厨房顶板左侧水渍")
    client = Client()
    client.force_login(world.designer)
    page = client.get(case.get_absolute_url())
    assert page.status_code == 200
    text = page.content.decode()
    assert 'alt="厨房顶板左侧水渍"' in text
    assert "整改前 · 厨房顶板左侧水渍" in text


def test_a1_a_photo_without_a_caption_is_called_by_its_phase(world: World) -> None:
    client = Client()
    client.force_login(world.designer)
    assert 'alt="整改前"' in client.get(published(world).get_absolute_url()).content.decode()


@pytest.mark.parametrize("full", [True, False], ids=["filled", "empty"])
def test_a1_every_page_of_a_published_case_and_of_its_review(world: World, full: bool) -> None:
    fields = FULL if full else EMPTY
    case = published(world, caption="说明" if full else "", unit=full, **fields)
    other = published(world, caption="另一处" if full else "", **fields)
    pack = reviewed(world, [case, other], full=full)
    item = pack.items.order_by("pk")[0]
    note = "见第三页" if full else ""
    for one in pack.items.order_by("pk"):
        answer_item(
            by=world.designer,
            item=one,
            seen=0,
            reply=Reply("avoided", drawing_number="建施-12", drawing_revision="A", page=3 if full else None, note=note),
        )
    accept_answers(by=world.manager, items=[(one, 1) for one in pack.items.order_by("pk")])
    if full:
        sign_pack(by=world.manager, pack=pack, remark="同意")
        again = published(world, caption="又发生了", **fields)
        link_recurrence(by=world.manager, case=again, item=item)
        review_lesson(by=world.manager, case=case, settlement="still_valid", note="仍然适用")
    base = f"/packs/{pack.pk}/"
    lists = ["/work/", "/projects/", f"/projects/{pack.stage.project_id}/", "/measures/", "/library/", "/numbers/"]
    desk = [base, f"{base}answer/", f"{base}answer/?item={item.pk}", f"{base}items/{item.pk}/", f"{base}report/"]
    files = [f"{base}pack.pdf", f"{base}pack.xlsx", f"/projects/{pack.stage.project_id}/report/", "/search/export/?q="]
    adopt_lesson(
        by=world.designer,
        case=case,
        department=world.company.design,
        outcome="adopted",
        standard_number="LB-01",
        note="已写入" if full else "",
    )
    for user in (world.manager, world.editor, world.designer):
        mine = [path for path in [*lists, *files] if user is world.manager]
        assert look(user, *pages_of(case), *desk, *mine) == [], user


@pytest.mark.parametrize("full", [True, False], ids=["filled", "empty"])
def test_a1_every_page_of_a_draft(world: World, full: bool) -> None:
    if full:
        draft = make_draft(world.editor, world.estate, world.company.design, unit=world.unit, photos=2, **FULL)
        draft = with_captions(draft, world, "说明")
    else:
        place = Place(world.estate, None, date(2026, 11, 20))
        draft = start_case(by=world.editor, place=place, content=CaseContent({}))
    paths = [
        f"/c/{draft.slug}/",
        f"/c/{draft.slug}/use/",
        f"/file/{draft.slug}/",
        f"/admin/pages/{draft.pk}/edit/",
        f"/admin/pages/{draft.pk}/history/",
        f"/admin/pages/{draft.pk}/view_draft/",
        f"/admin/pages/{draft.pk}/edit/preview/?mode=",
        "/work/",
        "/search/?q=",
        "/search/mine/",
    ]
    assert look(world.editor, *paths) == []


def test_a1_a_word_that_left_its_list_is_shown_as_it_is(world: World) -> None:
    case = published(world)
    CasePage.objects.filter(pk=case.pk).update(stage="gone", category="gone", severity=9)
    client = Client()
    client.force_login(world.designer)
    assert client.get(case.get_absolute_url()).status_code == 200
    assert client.get("/search/", {"q": "渗漏"}).status_code == 200
