"""No number leaves the house by way of a title that was made from a description."""

from __future__ import annotations

import pytest

from casebook.factories import make_draft
from casebook.models import CasePage
from casebook.services.filing import CaseContent, save_case
from casebook.sheets import impersonal
from search.models import IndexedDocument
from tests.casebook.test_following import published
from tests.casebook.test_search_page import client_of
from tests.conftest import World

LONG = "业主反映厨房水槽下方角阀渗水已经两周，物业两次上门未处理好，请回电13800000001联系。"
STARTS = [LONG[n:] for n in range(12)]


def stored_before(case: CasePage, **texts: str) -> None:
    """As an older version of the product left it: in the row and in the revision."""
    CasePage.objects.filter(pk=case.pk).update(**texts)
    revision = case.latest_revision
    assert revision is not None
    revision.content |= texts
    revision.save()


@pytest.mark.parametrize("place", range(len(STARTS)))
def test_a3_a_title_is_checked_before_it_is_cut(world: World, place: int) -> None:
    draft = make_draft(world.editor, world.estate, world.company.design, title="", description=STARTS[place])
    assert "138" not in draft.title
    assert "1380" not in str(CasePage.objects.get(pk=draft.pk).latest_revision.content["title"])


def test_a3_a_title_follows_its_description_until_a_person_writes_one(world: World) -> None:
    draft = make_draft(world.editor, world.estate, world.company.design, title="", description="张三先生家渗水。")
    assert draft.title == "张三先生家渗水"
    again = save_case(case=draft, by=world.editor, content=CaseContent({"description": "某户渗水。"}))
    assert again.title == "某户渗水"
    posted = save_case(
        case=draft, by=world.editor, content=CaseContent({"title": "某户渗水", "description": "厨房渗水。"})
    )
    assert posted.title == "厨房渗水"
    save_case(case=draft, by=world.editor, content=CaseContent({"title": "角阀渗水"}))
    kept = save_case(case=draft, by=world.editor, content=CaseContent({"description": "又改了。"}))
    assert kept.title == "角阀渗水"


def test_a3_the_admin_editor_lets_it_follow_too(world: World) -> None:
    draft = make_draft(world.editor, world.estate, world.company.design, title="", description="张三先生家渗水。")
    draft.description = "某户渗水。"
    draft.save_revision(user=world.editor)
    assert CasePage.objects.get(pk=draft.pk).get_latest_revision_as_object().title == "某户渗水"


def test_a3_what_was_stored_before_is_shown_without_numbers(world: World) -> None:
    case = published(world)
    stored_before(
        case,
        title=LONG[:39] + "…",
        draft_title=LONG[:39] + "…",
        description=f"渗漏，联系138\u20110000\u20110001。{LONG}",
        lesson="请打13800000001",
    )
    row = CasePage.objects.get(pk=case.pk)
    row.save()
    client = client_of(world.designer)
    for address in (row.get_absolute_url(), "/search/?q=渗漏", "/search/?q=角阀", "/work/", "/search/mine/"):
        page = client.get(address).content.decode()
        assert "13800" not in page, address
        assert "138\u20110000" not in page, address
    document = IndexedDocument.objects.get(kind="case", record_id=case.pk)
    assert "1380" not in f"{document.title}{document.body}"
    assert "1380" not in impersonal(LONG[:39] + "…")
