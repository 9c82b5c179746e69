"""The preview of a case in the admin is the case as its readers will see it."""

from __future__ import annotations

import pytest
from django.test import Client
from wagtail.models import Page

from casebook.factories import make_draft
from casebook.models import CasePage
from tests.conftest import World


@pytest.fixture
def draft(world: World) -> CasePage:
    return make_draft(world.editor, world.estate, world.company.design, unit=world.unit, photos=2)


def signed_in(user: object) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)  # type: ignore[arg-type]
    return client


def form_of(draft: CasePage, **changes: str) -> dict[str, str]:
    """What the editor's page sends: title, texts, and the photos as they are."""
    photos = list(draft.get_latest_revision_as_object().photos.all())
    data = {
        "title": draft.title,
        "description": draft.description,
        "lesson": draft.lesson,
        "cause": draft.cause,
        "requirement": draft.requirement,
        "responsible_department": str(draft.responsible_department_id),
        "to_design": "on",
        "photos-TOTAL_FORMS": str(len(photos)),
        "photos-INITIAL_FORMS": str(len(photos)),
        "photos-MIN_NUM_FORMS": "0",
        "photos-MAX_NUM_FORMS": "1000",
    }
    for n, row in enumerate(photos):
        data |= {
            f"photos-{n}-id": str(row.pk),
            f"photos-{n}-photo": str(row.photo_id),
            f"photos-{n}-phase": row.phase,
            f"photos-{n}-caption": row.caption,
            f"photos-{n}-ORDER": str(n + 1),
        }
    return data | changes


def test_a5_the_preview_shows_what_is_typed(world: World, draft: CasePage) -> None:
    client = signed_in(world.editor)
    address = f"/admin/pages/{draft.pk}/edit/preview/"
    told = client.post(address, form_of(draft, lesson="还没保存的经验", **{"photos-0-caption": "左侧水渍"}))
    assert told.json() == {"is_valid": True, "is_available": True}
    page = client.get(address, {"mode": "", "in_preview_panel": "true"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "还没保存的经验" in text
    assert 'alt="左侧水渍"' in text
    assert text.count("<figure>") == 2
    assert "<form" not in text
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    draft.refresh_from_db()
    assert draft.lesson != "还没保存的经验"


@pytest.mark.parametrize("mode", ["", "nonsense"])
def test_a5_g10_view_draft_shows_the_draft(world: World, draft: CasePage, mode: str) -> None:
    page = signed_in(world.editor).get(f"/admin/pages/{draft.pk}/view_draft/", {"mode": mode} if mode else {})
    assert page.status_code == 200
    assert draft.description in page.content.decode()


def test_a5_a_preview_takes_no_message_from_the_editor(world: World, draft: CasePage) -> None:
    client = signed_in(world.editor)
    client.post(f"/file/{draft.slug}/", {"action": "draft", "estate": draft.estate_id, "record_date": "2026-11-20"})
    client.get(f"/admin/pages/{draft.pk}/view_draft/")
    assert "草稿已保存" in client.get("/work/").content.decode()


def test_a5_no_draft_for_whom_it_is_none_of_his(world: World, draft: CasePage) -> None:
    for user in (world.designer, world.other_editor):
        answer = signed_in(user).get(f"/admin/pages/{draft.pk}/view_draft/")
        assert answer.status_code in (302, 403, 404)
        assert draft.description not in answer.content.decode()


def test_a5_every_kind_of_page_has_a_preview_or_says_that_it_has_none(world: World, draft: CasePage) -> None:
    """Containers of records have nothing to show: no way leads to a missing template."""
    from estates.models import User

    root = signed_in(User.objects.create_superuser("root", "root@example.invalid", "x"))
    for page in Page.objects.filter(depth__gt=1):
        for query in ({}, {"mode": ""}, {"mode": "nonsense"}):
            answer = root.get(f"/admin/pages/{page.pk}/view_draft/", query)
            assert answer.status_code < 500, (page.specific_class, query)
