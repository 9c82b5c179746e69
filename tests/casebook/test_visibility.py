"""Who sees what: the QuerySet and the search say the same, for every role; lists ask a fixed number of questions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client

from casebook.documents import KIND
from casebook.factories import make_draft, publish, submit
from casebook.models import CasePage
from casebook.policies import audience_tokens
from casebook.services.deciding import object_to_case
from casebook.services.publishing import withdraw_case
from estates.access import forget_grants
from estates.factories import make_person
from estates.groups import assign_role
from estates.models import Assignment, User
from estates.roles import Role
from search import index
from tests.conftest import World

LIBRARIES = ({"to_design": True}, {"to_design": False, "to_quality": True}, {"to_design": False, "to_service": True})


@pytest.fixture
def library(world: World) -> World:
    """Cases of both estates in every state and library."""
    editor = make_person("everywhere", Role.EDITOR)
    manager = make_person("boss", Role.MANAGER)
    for estate in (world.estate, world.other_estate):
        for audience in LIBRARIES:
            draft = make_draft(editor, estate, world.company.design, photos=0, no_photo_reason="无", **audience)  # type: ignore[arg-type]
            publish(draft, by=editor, manager=manager, confirmer=world.designer)
        first = make_draft(editor, estate, world.company.design, photos=0, no_photo_reason="无")
        withdraw_case(
            case=publish(first, by=editor, manager=manager, confirmer=world.designer), by=manager, reason="重复"
        )
        waiting = submit(make_draft(editor, estate, world.company.design, photos=0, no_photo_reason="无"), editor)
        object_to_case(review=waiting.reviews.open().get(), by=manager, reason="不清楚")
        submit(make_draft(editor, estate, world.company.design, photos=0, no_photo_reason="无"), editor)
        make_draft(editor, estate, world.company.design, photos=0, no_photo_reason="无")
    return world


def findable(user: User) -> set[int]:
    query = index.parse("", audience=audience_tokens(user), kinds=frozenset({KIND}), limit=200)
    return {hit.id for hit in index.search(query).hits}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("everywhere", [True, False], ids=["every estate", "one estate"])
def test_what_a_role_may_see_is_what_it_finds(library: World, role: Role, everywhere: bool) -> None:
    user = make_person("somebody", role, estate=None if everywhere else library.estate)
    visible = CasePage.objects.visible_to(user)
    assert findable(user) == set(visible.values_list("pk", flat=True))
    if not everywhere:
        assert set(visible.values_list("estate", flat=True)) <= {library.estate.pk}
    if role in (Role.SALES, Role.PROPERTY, Role.SUBSCRIBER):
        assert findable(user) == set()


@pytest.mark.parametrize(
    ("role", "count"),
    [
        (Role.EDITOR, 14),
        (Role.MANAGER, 14),
        (Role.ARCHIVIST, 2),
        (Role.DESIGN, 2),
        (Role.ENGINEERING, 2),
        (Role.AUDITOR, 6),
    ],
)
def test_each_role_sees_its_number_of_cases(library: World, role: Role, count: int) -> None:
    assert CasePage.objects.visible_to(make_person("somebody", role)).count() == count


def test_two_assignments_add_up_and_a_lost_one_counts_at_once(library: World) -> None:
    user = make_person("both", Role.DESIGN, estate=library.estate)
    assign_role(user=user, role=Role.ENGINEERING, estate=library.other_estate)
    forget_grants(user)
    assert len(findable(user)) == 2
    Assignment.objects.filter(user=user, role=Role.DESIGN).delete()
    forget_grants(user)
    assert {CasePage.objects.get(pk=pk).estate for pk in findable(user)} == {library.other_estate}


def test_nobody_and_the_inactive_see_nothing(library: World) -> None:
    user = make_person("gone", Role.MANAGER)
    user.is_active = False
    assert CasePage.objects.visible_to(user).count() == 0
    assert findable(user) == set()


@pytest.mark.parametrize(("path", "most"), [("/search/?q=渗漏", 14), ("/lessons/", 12), ("/work/", 15)])
def test_lists_ask_a_fixed_number_of_questions(
    library: World, path: str, most: int, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    client = Client()
    client.force_login(library.designer)
    client.get(path)
    with django_assert_max_num_queries(most):
        assert client.get(path).status_code == 200
