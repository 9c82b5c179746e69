"""Number, place and slug belong to the record: no version, revert or stale form changes them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from wagtail.models import Page

from casebook.factories import case_fields, decide, make_draft, publish, submit
from casebook.models import CasePage
from casebook.services.deciding import confirm_case, object_to_case
from casebook.services.errors import CaseError, NotComplete, StaleEdit
from casebook.services.filing import CaseContent, Place, PlacedPhoto, save_case
from casebook.services.publishing import withdraw_case
from casebook.services.submitting import submit_case
from casebook.vocabulary import State
from estates.models import NumberEntry, User
from tests.conftest import World


def facts(case: CasePage) -> tuple[object, ...]:
    row = CasePage.objects.get(pk=case.pk)
    return row.number, row.slug, row.estate_id, row.unit_id, row.record_date, row.path, row.url_path


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def admin_form(case: CasePage, **changes: object) -> dict[str, object]:
    latest: CasePage = CasePage.objects.get(pk=case.pk).get_latest_revision_as_object()
    return {
        "title": latest.title,
        "description": latest.description,
        "stage": latest.stage,
        "category": latest.category,
        "severity": latest.severity or "",
        "cost": "",
        "cause": latest.cause,
        "cause_is_drawing": "true",
        "drawing_number": latest.drawing_number,
        "measure": "",
        "lesson": latest.lesson,
        "requirement": latest.requirement,
        "responsible_department": latest.responsible_department_id or "",
        "to_design": "on",
        "no_photo_reason": "已清理",
        "photos-TOTAL_FORMS": "0",
        "photos-INITIAL_FORMS": "0",
        "photos-MIN_NUM_FORMS": "0",
        "photos-MAX_NUM_FORMS": "1000",
        "loaded_revision_id": latest.latest_revision_id,
        **changes,
    }


@pytest.fixture
def returned(world: World) -> CasePage:
    """Submitted, numbered, and returned to its editor."""
    draft = make_draft(world.editor, world.estate, world.company.design, unit=world.unit, lesson="第一版教训")
    case = submit(draft, world.editor)
    return object_to_case(review=case.reviews.open().get(), by=world.manager, reason="请补充")


def test_a_revert_to_before_submission_keeps_the_facts(world: World, returned: CasePage) -> None:
    before = facts(returned)
    oldest = returned.revisions.order_by("pk").first()
    old_form = admin_form(returned, revision=oldest.pk, lesson="旧教训")
    answer = signed_in(world.editor).post(f"/admin/pages/{returned.pk}/edit/", old_form)
    assert answer.status_code == 302
    assert facts(returned) == before
    assert CasePage.objects.get(pk=returned.pk).lesson == "旧教训"
    restored = oldest.as_object()
    assert (restored.number, restored.slug, restored.state) == (before[0], before[1], State.RETURNED)


def test_an_explicit_save_from_a_stale_tab_is_refused_with_what_changed(world: World, returned: CasePage) -> None:
    before = facts(returned)
    stale = admin_form(returned, lesson="旧标签页的教训")
    save_case(case=returned, by=world.editor, content=CaseContent({"lesson": "新教训"}))
    answer = signed_in(world.editor).post(f"/admin/pages/{returned.pk}/edit/", stale, follow=True)
    told = [str(message) for message in answer.context["messages"]]
    assert len(told) == 1
    assert "经验教训" in told[0]
    assert CasePage.objects.get(pk=returned.pk).get_latest_revision_as_object().lesson == "新教训"
    assert facts(returned) == before


def test_the_workbench_refuses_a_stale_form_too(world: World, returned: CasePage) -> None:
    opened_on = returned.latest_revision_id
    save_case(case=returned, by=world.editor, content=CaseContent({"lesson": "新教训"}))
    with pytest.raises(StaleEdit, match="经验教训"):
        save_case(case=returned, by=world.manager, content=CaseContent({"lesson": "x"}), loaded_revision=opened_on)
    assert CasePage.objects.get(pk=returned.pk).lesson == "新教训"


def test_autosave_after_submission_changes_nothing(world: World) -> None:
    draft = make_draft(world.editor, world.estate, world.company.design)
    form = admin_form(draft, lesson="自动保存的教训")
    case = submit(draft, world.editor)
    before, revisions = facts(case), case.revisions.count()
    signed_in(world.editor).post(
        f"/admin/pages/{case.pk}/edit/",
        form,
        headers={"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"},
    )
    assert facts(case) == before
    assert case.revisions.count() == revisions
    assert CasePage.objects.get(pk=case.pk).get_latest_revision_as_object().lesson != "自动保存的教训"


def test_an_edit_during_review_is_refused(world: World) -> None:
    case = submit(make_draft(world.editor, world.estate, world.company.design), world.editor)
    revisions = case.revisions.count()
    with pytest.raises(CaseError, match="正在审核"):
        save_case(case=case, by=world.editor, content=CaseContent({"lesson": "改一改"}))
    for user in (world.editor, world.manager):
        signed_in(user).post(f"/admin/pages/{case.pk}/edit/", admin_form(case, lesson="改一改"))
    superuser = User.objects.create_superuser("root", "root@example.invalid", "x")
    signed_in(superuser).post(f"/admin/pages/{case.pk}/edit/", admin_form(case, lesson="改一改"))
    assert case.revisions.count() == revisions


def test_scheduled_publishing_keeps_the_facts_and_is_not_a_way_around_review(world: World, returned: CasePage) -> None:
    before = facts(returned)
    soon = timezone.localtime() + timedelta(days=1)
    form = admin_form(returned, go_live_at=f"{soon:%Y-%m-%d %H:%M}", **{"action-publish": "1"})
    signed_in(world.manager).post(f"/admin/pages/{returned.pk}/edit/", form)
    assert facts(returned) == before
    row = CasePage.objects.get(pk=returned.pk)
    assert (row.live, row.go_live_at, row.scheduled_revision) == (False, None, None)
    old = returned.revisions.order_by("pk").first()
    old.publish(skip_permission_checks=True)
    assert facts(returned) == before


def test_an_old_version_published_later_keeps_the_facts(world: World) -> None:
    case = publish(
        make_draft(world.editor, world.estate, world.company.design),
        by=world.editor,
        manager=world.manager,
        confirmer=world.designer,
    )
    before = facts(case)
    changed = save_case(case=case, by=world.editor, content=CaseContent({"lesson": "第二版"}))
    assert CasePage.objects.get(pk=case.pk).lesson != "第二版"
    again = submit(changed, world.editor)
    decide(again, world.manager)
    decide(again, world.designer)
    assert facts(case) == before
    assert CasePage.objects.get(pk=case.pk).lesson == "第二版"
    assert NumberEntry.objects.filter(number=before[0]).count() == 1


def test_twice_submitted_is_once_and_the_second_is_told(world: World) -> None:
    draft = make_draft(world.editor, world.estate, world.company.design)
    submit_case(case=draft, by=world.editor)
    with pytest.raises(CaseError, match="等待客服经理"):
        submit_case(case=draft, by=world.manager)
    assert NumberEntry.objects.count() == 1


def test_a_step_decided_twice_is_decided_once(world: World) -> None:
    case = submit(make_draft(world.editor, world.estate, world.company.design), world.editor)
    review = case.reviews.open().get()
    confirm_case(review=review, by=world.manager)
    with pytest.raises(CaseError, match="已经由"):
        confirm_case(review=review, by=world.manager)
    assert case.reviews.count() == 2


def test_only_those_a_step_waits_for_decide(world: World) -> None:
    case = submit(make_draft(world.editor, world.estate, world.company.design), world.editor)
    review = case.reviews.open().get()
    for outsider in (world.editor, world.designer, world.other_editor, world.engineer):
        with pytest.raises(PermissionDenied):
            confirm_case(review=review, by=outsider)
    review.refresh_from_db()
    assert review.status == "in_progress"


def test_the_department_is_fixed_when_its_step_starts(world: World) -> None:
    case = submit(make_draft(world.editor, world.estate, world.company.design), world.editor)
    decide(case, world.manager)
    row = CasePage.objects.get(pk=case.pk)
    row.responsible_department = world.company.engineering
    row.save_revision()
    assert case.reviews.open().get().department == world.company.design
    with pytest.raises(PermissionDenied):
        confirm_case(review=case.reviews.open().get(), by=world.engineer)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"description": ""}, "description"),
        ({"responsible_department": None}, "responsible_department"),
        ({"lesson": " "}, "lesson"),
        ({"to_design": False}, "libraries"),
        ({"description": "请联系13800000001"}, "description"),
        ({"cause": "业主身份证11010519491231002X"}, "cause"),
    ],
    ids=["no description", "no department", "no lesson", "no library", "a phone number", "an ID number"],
)
def test_an_incomplete_case_is_refused_by_name_and_gets_no_number(
    world: World, changes: dict[str, object], field: str
) -> None:
    fields = dict(case_fields(world.company.design)) | changes
    draft = make_draft(world.editor, world.estate, world.company.design)
    draft = save_case(case=draft, by=world.editor, content=CaseContent(fields))
    draft = save_case(case=draft, by=world.editor, content=CaseContent({"no_photo_reason": "已清理"}))
    with pytest.raises(NotComplete) as refused:
        submit_case(case=draft, by=world.editor)
    assert [gap.field for gap in refused.value.gaps] == [field]
    row = CasePage.objects.get(pk=draft.pk)
    assert (row.number, row.state, NumberEntry.objects.count()) == (None, State.DRAFT, 0)


def test_a_department_without_members_is_refused(world: World) -> None:
    draft = make_draft(world.editor, world.estate, world.company.sales)
    with pytest.raises(NotComplete, match="还没有成员"):
        submit_case(case=draft, by=world.editor)


def test_a_withdrawn_case_leaves_its_readers_at_once(world: World) -> None:
    case = publish(
        make_draft(world.editor, world.estate, world.company.design),
        by=world.editor,
        manager=world.manager,
        confirmer=world.designer,
    )
    reader = signed_in(world.reader)
    assert reader.get("/search/", {"q": "渗漏"}).context["total"] == 1
    with pytest.raises(PermissionDenied):
        withdraw_case(case=case, by=world.editor, reason="x")
    withdraw_case(case=case, by=world.manager, reason="重复")
    assert reader.get("/search/", {"q": "渗漏"}).context["total"] == 0
    assert reader.get(f"/c/{case.number}/").status_code == 404
    assert CasePage.objects.get(pk=case.pk).state == State.WITHDRAWN


def test_a_draft_moved_to_another_month_takes_its_photos_along(world: World) -> None:
    draft = make_draft(world.editor, world.estate, world.company.design, record_date=date(2026, 10, 30))
    photos = [PlacedPhoto(row.photo) for row in draft.photos.all()]
    place = Place(world.estate, world.unit, date(2026, 11, 2))
    save_case(case=draft, by=world.editor, content=CaseContent({"lesson": "x"}, photos), place=place)
    row = CasePage.objects.get(pk=draft.pk)
    assert row.get_parent().title == "2026-11"
    photo = row.photos.get().photo
    assert photo.path == "YLW/2026-11/YLW_3-2-1201_AL_20261102_00001.jpg"
    assert Page.find_problems() == ([], [], [], [], [])
