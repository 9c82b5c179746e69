"""A telephone or ID number keeps nobody out of the check by the way it is written."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from casebook.factories import make_draft
from casebook.models import CasePage
from casebook.services.errors import NotComplete
from casebook.services.importing import import_cases
from casebook.services.submitting import submit_case
from casebook.vocabulary import State
from tests.conftest import World
from vault.personal_data import find_personal_data, without_personal_data

SPELLINGS = {
    "non-breaking hyphen": "138\u20110000\u20110001",
    "figure dash": "138\u20120000\u20120001",
    "zero width": "138\u200b0000\u200b0001",
    "no-break space": "138\u00a00000\u00a00001",
    "dots": "138.0000.0001",
    "other groups": "1380 0000 001",
    "brackets": "(138)00000001",
    "country": "0086-138-0000-0001",
    "Chinese numerals": "一三八零零零零零零零一",
    "circled": "①③⑧⓪⓪⓪⓪⓪⓪⓪①",
    "area code without hyphen": "073180000001",
    "area code in brackets": "（0731）8000 0001",
    "400": "400-800-0001",
    "identity with hyphens": "110105\u201119491231\u2011002X",
    "identity of fifteen": "110105491231002",
}
UNSEEN = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u2066\u061c\u034f\u3164\u115f\uffa0\ufe0f\u180e\u0301\u20e3\x07\ufffe"
)
PIECES = [
    "138",
    "0000",
    "0001",
    "-",
    " ",
    "张",
    "先生",
    "业主",
    "湘A12345",
    "11010519491231002X",
    "0731",
    "8000",
    "渗漏",
]


@pytest.mark.parametrize("number", SPELLINGS.values(), ids=SPELLINGS)
def test_a10_no_spelling_is_submitted(world: World, number: str) -> None:
    draft = make_draft(world.editor, world.estate, world.company.design, lesson=f"请联系{number}，再处理")
    with pytest.raises(NotComplete) as refused:
        submit_case(case=draft, by=world.editor)
    assert [gap.field for gap in refused.value.gaps] == ["lesson"]
    draft.refresh_from_db()
    assert (draft.number, draft.state) == (None, State.DRAFT)


@pytest.mark.parametrize("number", SPELLINGS.values(), ids=SPELLINGS)
def test_a10_an_import_publishes_no_spelling(world: World, number: str) -> None:
    row = {"id": "a", "time": "2026-11-02", "title": f"渗漏 {number}", "text": f"渗漏，联系{number}", "reply": number}
    report = import_cases([json.dumps(row | {"estate": "YLW"})])
    assert (report.filed, report.masked) == (1, 1)
    case = CasePage.objects.get(source_id="a")
    assert (case.title, case.description, case.measure) == ("渗漏 ***", "渗漏，联系***", "***")
    assert case.latest_revision is not None
    assert number not in json.dumps(case.latest_revision.content, ensure_ascii=False)


@pytest.mark.parametrize("nothing", ["\u200b", "\u3164\u3164", "\u2060\n\u00ad", "\u2800"])
def test_a10_a_description_of_nothing_that_is_seen_is_empty(world: World, client: Client, nothing: str) -> None:
    client.force_login(world.editor)
    fields = {"estate": world.estate.pk, "record_date": "2026-11-20", "description": nothing, "action": "submit"}
    fields |= {"responsible_department": world.company.design.pk, "lesson": "教训", "no_photo_reason": "无"}
    response = client.post("/file/", fields | {"to_design": "on"}, follow=True)
    assert "问题说明还没有填写" in response.content.decode()
    case = CasePage.objects.get()
    assert (case.description, case.number) == ("", None)


@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join),
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from(UNSEEN)), max_size=12),
)
def test_a10_what_nobody_sees_changes_no_finding(text: str, marks: list[tuple[int, str]]) -> None:
    marked = text
    for place, mark in marks:
        marked = marked[:place] + mark + marked[place:]
    assert [one.kind for one in find_personal_data(marked)] == [one.kind for one in find_personal_data(text)]
    assert find_personal_data(without_personal_data(marked)) == []
