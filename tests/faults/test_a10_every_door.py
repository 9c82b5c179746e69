"""Wherever words enter, a number written otherwise is refused or masked."""

from __future__ import annotations

import pytest
from django.test import Client
from wagtail.models import PageLogEntry

from casebook.factories import decide, make_draft, submit
from casebook.models import CasePage, Project
from casebook.services.deciding import object_to_case
from casebook.services.errors import NotComplete
from casebook.services.filing import CaseContent, PlacedPhoto, save_case
from casebook.services.publishing import withdraw_case
from estates.models import NumberEntry
from media.public_photos import checked_words
from tests.casebook.test_following import published
from tests.conftest import World
from text.numbers import is_office_number

NUMBER = "138\u20110000\u20110001"


def test_a10_a_reason_is_kept_without_the_number(world: World) -> None:
    case = submit(make_draft(world.editor, world.estate, world.company.design), world.editor)
    decide(case, world.manager)
    object_to_case(review=case.reviews.open().get(), by=world.designer, reason=f"请问{NUMBER}")
    assert case.reviews.order_by("-pk").first().comment == "请问***"
    other = published(world)
    withdraw_case(case=other, by=world.manager, reason=f"{NUMBER}有误")
    log = PageLogEntry.objects.get(action="casebook.withdraw")
    assert log.data["reason"] == "***有误"


def test_a10_a_void_number_keeps_no_number(world: World, client: Client) -> None:
    case = published(world)
    withdraw_case(case=case, by=world.manager, reason="有误")
    client.force_login(world.manager)
    client.post(f"/c/{case.number}/void/", {"reason": f"重复，见{NUMBER}"})
    assert NumberEntry.objects.get(number=case.number).reason == "重复，见***"


def test_a10_captions_and_drawing_numbers(world: World) -> None:
    draft = make_draft(world.editor, world.estate, world.company.design)
    photo = draft.photos.get().photo
    content = CaseContent({}, [PlacedPhoto(photo, caption=f"联系{NUMBER}")])
    saved = save_case(case=draft, by=world.editor, content=content)
    assert [row.caption for row in saved.photos.all()] == ["联系***"]
    row = CasePage.objects.get(pk=draft.pk)
    assert NUMBER not in str(row.latest_revision.content)
    save_case(case=draft, by=world.editor, content=CaseContent({"drawing_number": NUMBER}))
    with pytest.raises(NotComplete) as refused:
        submit(row, world.editor)
    assert [gap.field for gap in refused.value.gaps] == ["drawing_number"]


def test_a10_a_project_is_not_called_by_a_number(world: World, client: Client) -> None:
    client.force_login(world.manager)
    fields = {"estate": world.estate.pk, "name": f"一期{NUMBER}", "climate": "hot_summer_cold_winter"}
    answer = client.post("/projects/new/", fields | {"product_types": ["high_rise"], "components": ["facade"]})
    assert "名称里有电话号码或证件号" in answer.content.decode()
    assert not Project.objects.exists()


def test_a10_words_of_a_public_photo() -> None:
    with pytest.raises(ValueError, match="个人信息"):
        checked_words(f"门上写着{NUMBER}")


@pytest.mark.parametrize(
    ("number", "office"),
    [
        ("0731-80000001", True), ("（0731）8000 0001", True), ("400-800-0001", True), ("+86 731 8000 0001", True),
        ("80000001", True), ("0731-80000001转802", True),
            ("13800000001", False), ("013800000001", False), ("一三八零零零零零零零一", False),
        ("+86 13800000001", False), ("+852 9123 4567", False),
    ],
)  # fmt: skip
def test_a10_what_a_company_publishes(number: str, office: bool) -> None:
    assert is_office_number(number) is office
