from __future__ import annotations

from casebook.factories import decide, make_draft, submit
from casebook.models import CasePage, Distribution
from casebook.services.deciding import object_to_case
from casebook.vocabulary import State
from tests.conftest import World


def test_a_case_is_numbered_when_submitted_and_published_when_both_have_confirmed(world: World) -> None:
    draft = make_draft(world.editor, world.estate, world.company.design, unit=world.unit)
    assert draft.number is None
    case = submit(draft, world.editor)
    assert (case.number, case.state, case.live) == ("YLW-AL-2026-00001", State.IN_REVIEW, False)
    decide(case, world.manager)
    published = decide(case, world.designer)
    assert (published.number, published.state, published.live) == ("YLW-AL-2026-00001", State.PUBLISHED, True)
    assert [d.department for d in Distribution.objects.all()] == [world.company.design]
    assert list(CasePage.objects.visible_to(world.designer)) == [published]
    assert list(CasePage.objects.visible_to(world.engineer)) == []
    assert CasePage.find_problems() == ([], [], [], [], [])


def test_an_objection_returns_the_case_and_it_resumes_at_the_department(world: World) -> None:
    case = submit(make_draft(world.editor, world.estate, world.company.design), world.editor)
    decide(case, world.manager)
    object_to_case(review=case.reviews.open().get(), by=world.designer, reason="原因分析不完整")
    case.refresh_from_db()
    assert (case.state, case.number) == (State.RETURNED, "YLW-AL-2026-00001")
    again = submit(case, world.editor)
    assert again.reviews.open().get().department == world.company.design
    assert decide(again, world.designer).number == "YLW-AL-2026-00001"
