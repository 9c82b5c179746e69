"""The editor saves by itself: one's own autosave is never stale, and a refused save keeps all that was typed."""

from __future__ import annotations

import pytest
from django.test import Client

from casebook.factories import decide, make_draft
from casebook.models import CasePage
from casebook.services.filing import CaseContent, PlacedPhoto, save_case
from casebook.vocabulary import State
from tests.conftest import World
from tests.faults.test_a5_preview import form_of, signed_in

JSON = {"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def draft(world: World) -> CasePage:
    return make_draft(world.editor, world.estate, world.company.design, unit=world.unit, photos=2)


class Editor:
    """A browser with the editor open: it knows the version it was opened on, and its own autosave."""

    def __init__(self, user: object, case: CasePage) -> None:
        self.client: Client = signed_in(user)
        self.address = f"/admin/pages/{case.pk}/edit/"
        page = self.client.get(self.address)
        assert page.status_code == 200
        latest = CasePage.objects.get(pk=case.pk).get_latest_revision()
        self.stands_on = {
            "loaded_revision_id": str(latest.pk),
            "loaded_revision_created_at": latest.created_at.isoformat(),
        }
        self.form = form_of(CasePage.objects.get(pk=case.pk))

    def autosave(self, **typed: str) -> dict[str, object]:
        answer = self.client.post(self.address, self.form | self.stands_on | typed, headers=JSON)
        told: dict[str, object] = answer.json()
        if told["success"]:
            self.stands_on["overwrite_revision_id"] = str(told["revision_id"])
        return told

    def save(self, **typed: str) -> object:
        return self.client.post(self.address, self.form | self.stands_on | typed)


def latest(case: CasePage) -> CasePage:
    version: CasePage = CasePage.objects.get(pk=case.pk).get_latest_revision_as_object()
    return version


def test_a2_save_after_ones_own_autosave(world: World, draft: CasePage) -> None:
    editor = Editor(world.editor, draft)
    assert editor.autosave(lesson="自动保存的经验")["success"]
    assert editor.save(lesson="最后写下的经验").status_code == 302  # type: ignore[attr-defined]
    assert latest(draft).lesson == "最后写下的经验"


def test_a2_submit_after_ones_own_autosave(world: World, draft: CasePage) -> None:
    editor = Editor(world.editor, draft)
    assert editor.autosave(lesson="自动保存的经验")["success"]
    assert editor.autosave(lesson="又自动保存的经验")["success"]
    answer = editor.save(lesson="最后写下的经验", **{"action-submit-case": "1"})
    assert answer.status_code == 302  # type: ignore[attr-defined]
    case = CasePage.objects.get(pk=draft.pk)
    assert (case.state, case.number, case.lesson) == (State.IN_REVIEW, "YLW-AL-2026-00001", "最后写下的经验")


def test_a2_save_while_ones_own_autosave_is_still_on_its_way(world: World, draft: CasePage) -> None:
    editor = Editor(world.editor, draft)
    before = dict(editor.stands_on)
    assert editor.autosave(lesson="自动保存的经验")["success"]
    editor.stands_on = before  # its answer has not come yet
    assert editor.save(lesson="最后写下的经验").status_code == 302  # type: ignore[attr-defined]
    assert latest(draft).lesson == "最后写下的经验"


def test_a2_a_true_conflict_keeps_what_was_typed_and_shows_what_the_other_changed(
    world: World, draft: CasePage
) -> None:
    editor = Editor(world.editor, draft)
    assert editor.autosave(lesson="编辑自动保存的经验")["success"]
    other = [PlacedPhoto(row.photo, row.phase, "经理的说明") for row in latest(draft).photos.all()]
    save_case(case=draft, by=world.manager, content=CaseContent({"cause": "经理写的原因"}, other))
    assert editor.autosave(lesson="编辑的经验")["error_code"] == "invalid_revision"
    answer = editor.save(lesson="编辑最后写下的经验", **{"photos-0-caption": "编辑的说明"})
    text = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert "编辑最后写下的经验" in text
    assert 'value="编辑的说明"' in text
    assert "经理写的原因" in text
    assert "经理的说明" in text
    assert "示例manager" in text
    assert latest(draft).cause == "经理写的原因"
    seen = str(CasePage.objects.get(pk=draft.pk).latest_revision_id)
    assert f'name="seen_revision_id" value="{seen}"' in text
    rests = editor.client.post(
        editor.address, editor.form | {"loaded_revision_id": seen, "seen_revision_id": seen}, headers=JSON
    )
    assert (rests.status_code, rests.json()["error_code"]) == (400, "invalid_revision")
    del editor.stands_on["overwrite_revision_id"]
    again = editor.save(lesson="编辑最后写下的经验", seen_revision_id=seen, **{"photos-0-caption": "编辑的说明"})
    assert again.status_code == 302  # type: ignore[attr-defined]
    kept = latest(draft)
    assert kept.lesson == "编辑最后写下的经验"
    assert next(row.caption for row in kept.photos.all()) == "编辑的说明"
    assert kept.photos.count() == 2


def test_a2_a_third_version_meanwhile_is_shown_again(world: World, draft: CasePage) -> None:
    editor = Editor(world.editor, draft)
    save_case(case=draft, by=world.manager, content=CaseContent({"cause": "第一次"}))
    seen = str(CasePage.objects.get(pk=draft.pk).latest_revision_id)
    save_case(case=draft, by=world.manager, content=CaseContent({"cause": "第二次改写"}))
    answer = editor.save(seen_revision_id=seen)
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert "第二次改写" in answer.content.decode()  # type: ignore[attr-defined]


def test_a2_another_persons_autosave_over_the_opened_version_is_a_conflict(world: World, draft: CasePage) -> None:
    first = Editor(world.editor, draft)
    assert first.autosave(cause="第一稿")["success"]
    second = Editor(world.manager, draft)
    assert first.autosave(cause="又写了一段")["success"]
    answer = second.save(lesson="经理的经验")
    text = answer.content.decode()  # type: ignore[attr-defined]
    assert (answer.status_code, "又写了一段" in text, "经理的经验" in text) == (200, True, True)  # type: ignore[attr-defined]
    assert latest(draft).cause == "又写了一段"


def test_a2_a_version_that_was_published_is_never_overwritten(world: World, draft: CasePage) -> None:
    editor = Editor(world.editor, draft)
    assert editor.autosave(lesson="要审核的经验")["success"]
    assert editor.save(lesson="要审核的经验", **{"action-submit-case": "1"}).status_code == 302  # type: ignore[attr-defined]
    case = CasePage.objects.get(pk=draft.pk)
    decide(case, world.manager)
    decide(case, world.designer)
    live = CasePage.objects.get(pk=draft.pk).live_revision
    assert editor.autosave(lesson="发布以后又写的")["success"]
    live.refresh_from_db()
    assert live.content["lesson"] == "要审核的经验"
    row = CasePage.objects.get(pk=draft.pk)
    assert (row.lesson, row.has_unpublished_changes) == ("要审核的经验", True)
    assert latest(draft).lesson == "发布以后又写的"


def test_a2_a_returned_version_stays_as_the_reviewer_saw_it(world: World, draft: CasePage) -> None:
    from casebook.services.deciding import object_to_case

    editor = Editor(world.editor, draft)
    assert editor.autosave(lesson="被退回的经验")["success"]
    editor.save(lesson="被退回的经验", **{"action-submit-case": "1"})
    case = submit_review = CasePage.objects.get(pk=draft.pk)
    review = submit_review.reviews.open().get()
    object_to_case(review=review, by=world.manager, reason="不完整")
    assert editor.autosave(lesson="退回以后改的")["success"]
    review.refresh_from_db()
    assert review.revision.content["lesson"] == "被退回的经验"
    assert latest(case).lesson == "退回以后改的"
