"""Correct place and void: the only ways to change a fact of a numbered case."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from wagtail.models import Page, PageLogEntry

from casebook import policies
from casebook.factories import decide, make_draft, publish, submit
from casebook.models import CasePage
from casebook.register import number_register
from casebook.services.correcting import correct_place, void_case
from casebook.services.deciding import object_to_case
from casebook.services.errors import CaseError
from casebook.services.publishing import withdraw_case
from casebook.services.submitting import submit_case
from casebook.vocabulary import State
from estates.factories import make_person, make_unit
from estates.models import Assignment, Estate, User
from estates.roles import Role
from media.integrity import check_files
from media.models import FileMove, Photo
from search import index
from tests.conftest import World


def manager_of_both(world: World) -> User:
    Assignment.objects.create(
        user=world.manager, role=Role.MANAGER, department=world.company.service, estate=world.other_estate
    )
    return User.objects.get(pk=world.manager.pk)


def published(world: World) -> CasePage:
    draft = make_draft(world.editor, world.estate, world.company.design, unit=world.unit, photos=2)
    return publish(draft, by=world.editor, manager=world.manager, confirmer=world.designer)


def found_by(user: User, text: str) -> list[int]:
    query = index.parse(text, audience=policies.audience_tokens(user))
    return [hit.id for hit in index.search(query).hits]


def test_a_case_moves_with_its_photos_and_keeps_its_number_and_address(world: World, files: Path) -> None:
    manager, case = manager_of_both(world), published(world)
    unit = make_unit(world.other_estate, "5-1-302")
    old_paths = [photo.path for photo in Photo.objects.order_by("pk")]
    kept = (case.number, case.slug, case.record_date, case.get_absolute_url())

    moved = correct_place(case=case, by=manager, estate=world.other_estate, unit=unit, reason="录错楼盘")

    moved.refresh_from_db()
    assert (moved.number, moved.slug, moved.record_date, moved.get_absolute_url()) == kept
    assert (moved.estate, moved.unit) == (world.other_estate, unit)
    assert moved.get_parent().get_parent().title == "HTY 海棠苑"
    assert Page.find_problems() == ([], [], [], [], [])
    new_paths = [photo.path for photo in Photo.objects.order_by("pk")]
    assert new_paths == [f"HTY/2026-11/HTY_5-1-302_AL_20261120_0000{n}.jpg" for n in (1, 2)]
    assert [(move.old_path, move.new_path) for move in FileMove.objects.order_by("pk")] == list(
        zip(old_paths, new_paths, strict=True)
    )
    entry = PageLogEntry.objects.get(action="casebook.place")
    assert entry.data == {"reason": "录错楼盘", "before": "云栖湾 · 3栋2单元1201", "after": "海棠苑 · 5栋1单元302"}


def test_its_readers_change_at_once(world: World) -> None:
    manager, case = manager_of_both(world), published(world)
    assert found_by(world.editor, "变形缝") == [case.pk]
    assert found_by(world.other_editor, "变形缝") == []
    correct_place(case=case, by=manager, estate=world.other_estate, unit=None, reason="录错楼盘")
    assert found_by(world.editor, "变形缝") == []
    assert found_by(world.other_editor, "变形缝") == [case.pk]
    assert found_by(world.other_editor, "3栋2单元1201") == []
    client = Client()
    client.force_login(world.editor)
    assert client.get(case.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("who", "reason", "same"),
    [("editor", "x", False), ("manager-of-one", "x", False), ("manager", " ", False), ("manager", "x", True)],
)
def test_what_is_refused_changes_nothing(world: World, who: str, reason: str, same: bool) -> None:
    case = published(world)
    by = world.editor if who == "editor" else world.manager
    if who == "manager":
        by = manager_of_both(world)
    estate, unit = (world.estate, world.unit) if same else (world.other_estate, None)
    with pytest.raises((PermissionDenied, CaseError)):
        correct_place(case=case, by=by, estate=estate, unit=unit, reason=reason)
    after = CasePage.objects.get(pk=case.pk)
    assert (after.estate, after.unit, after.path) == (world.estate, world.unit, case.path)
    assert not FileMove.objects.exists()


def test_a_review_goes_along_or_the_move_is_refused(world: World) -> None:
    manager = manager_of_both(world)
    case = submit(make_draft(world.editor, world.estate, world.company.engineering), world.editor)
    decide(case, manager)
    make_person("engineer-ylw", Role.ENGINEERING, department=world.company.engineering, estate=world.estate)
    Assignment.objects.filter(user=world.engineer).update(estate=world.estate)
    with pytest.raises(CaseError, match="没有成员"):
        correct_place(case=case, by=manager, estate=world.other_estate, unit=None, reason="录错楼盘")
    Assignment.objects.filter(user=world.engineer).update(estate=world.other_estate)
    correct_place(case=case, by=manager, estate=world.other_estate, unit=None, reason="录错楼盘")
    assert decide(case, User.objects.get(pk=world.engineer.pk)).live


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["media.services.FileMove.objects.create", "media.services.delete_stored"])
def test_a_move_cut_off_half_way_loses_nothing(build: Callable[[], World], files: Path, moment: str) -> None:
    world = build()
    manager, case = manager_of_both(world), published(world)
    hashes = {photo.pk: photo.sha256 for photo in Photo.objects.all()}

    def killed(*args: object, **kwargs: object) -> None:
        os.kill(os.getpid(), 9)

    child = os.fork()
    if not child:
        try:
            with patch(moment, killed):
                correct_place(case=case, by=manager, estate=world.other_estate, unit=None, reason="录错楼盘")
        finally:
            os._exit(0)  # whatever happens, the copy of this process runs no further test
    assert os.waitpid(child, 0)[1] == 9
    findings = check_files()
    assert (findings.missing, findings.altered) == ([], [])
    row = CasePage.objects.get(pk=case.pk)
    if row.estate == world.estate:
        correct_place(case=row, by=manager, estate=world.other_estate, unit=None, reason="再来一次")
    after = {photo.pk: photo.sha256 for photo in Photo.objects.all()}
    assert after == hashes
    assert all(photo.path.startswith("HTY/2026-11/HTY_COMMON_AL_") for photo in Photo.objects.all())
    assert check_files().sound


def test_the_manager_corrects_by_a_form_that_explains_itself(world: World) -> None:
    manager, case = manager_of_both(world), published(world)
    client = Client()
    client.force_login(manager)
    address = f"/c/{case.number}/place/"
    assert "更正原因" in client.get(address).content.decode()
    bad = client.post(address, {"estate": world.other_estate.pk, "unit_text": "乱写", "reason": ""})
    assert bad.status_code == 422
    assert "看不懂房号“乱写”" in bad.content.decode()
    assert "请写明更正的原因。" in bad.content.decode()
    good = client.post(address, {"estate": world.other_estate.pk, "unit_text": "5栋1单元302", "reason": "录错"})
    assert (good.status_code, good["Location"]) == (302, case.get_absolute_url())
    assert CasePage.objects.get(pk=case.pk).place_words == "海棠苑 · 5栋1单元302"
    client.force_login(world.editor)
    assert client.get(address).status_code == 404  # it left the editor's estate


def test_a_void_number_stays_in_the_register_with_its_reason(world: World) -> None:
    case = submit(make_draft(world.editor, world.estate, world.company.design), world.editor)
    object_to_case(review=case.reviews.open().get(), by=world.manager, reason="重复")
    voided = void_case(case=case, by=world.manager, reason="与 00007 重复")
    assert voided.state == State.VOID
    again = submit(make_draft(world.editor, world.estate, world.company.design), world.editor)
    register = number_register(world.estate, "")
    assert [(entry.number, entry.state, entry.reason) for entry in register.entries] == [
        (voided.number, "void", "与 00007 重复"),
        (again.number, "used", ""),
    ]
    assert register.missing == []
    with pytest.raises(PermissionDenied):
        submit_case(case=voided, by=world.editor)
    client = Client()
    client.force_login(world.editor)
    assert client.get(voided.get_absolute_url()).status_code == 200
    assert client.get(f"/admin/pages/{voided.pk}/edit/").status_code == 302


def test_a_published_case_or_one_in_review_is_not_voided(world: World) -> None:
    case = published(world)
    with pytest.raises(CaseError, match="请先撤回"):
        void_case(case=case, by=world.manager, reason="x")
    withdraw_case(case=case, by=world.manager, reason="x")
    with pytest.raises(PermissionDenied):
        void_case(case=case, by=world.editor, reason="x")
    in_review = submit(make_draft(world.editor, world.estate, world.company.design), world.editor)
    with pytest.raises(CaseError, match="正在审核"):
        void_case(case=in_review, by=world.manager, reason="x")
    assert void_case(case=case, by=world.manager, reason="误建").state == State.VOID


def test_the_register_shows_each_reader_only_titles_they_may_see(world: World) -> None:
    draft = submit(make_draft(world.editor, world.estate, world.company.design, title="未发布标题"), world.editor)
    client = Client()
    client.force_login(world.manager)
    body = client.get("/numbers/").content.decode()
    assert str(draft.number) in body
    assert "未发布标题" in body
    auditor = make_person("auditor", Role.AUDITOR)
    client.force_login(auditor)
    body = client.get("/numbers/").content.decode()
    assert str(draft.number) in body
    assert "未发布标题" not in body
    client.force_login(world.designer)
    assert client.get("/numbers/").status_code == 403


def test_a_gap_in_the_register_is_shown(world: World) -> None:
    case = submit(make_draft(world.editor, world.estate, world.company.design), world.editor)
    submit(make_draft(world.editor, world.estate, world.company.design), world.editor)
    number_register(world.estate, "").entries[0].delete()
    assert number_register(Estate.objects.get(pk=case.estate_id), "2026").missing == [1]
