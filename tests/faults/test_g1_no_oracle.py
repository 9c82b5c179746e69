"""Whether a search is kept says nothing of who is in the archive."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from archives.factories import make_dossier
from casebook.models import RecentQuery, SavedSearch
from estates.factories import make_unit
from estates.models import User
from search.models import FailedQuery
from tests.casebook.test_following import published
from tests.casebook.test_search_page import client_of
from tests.conftest import World

TEXTS = ["石示例", "防水", "shishili", "ssl", "0002", "石示例 渗漏", "渗漏", "欧阳示例"]


def answers(user: User, text: str) -> tuple[object, ...]:
    """All that a person could learn of a text by searching for it and by saving it."""
    client: Client = client_of(user)
    searched = client.post("/search/", {"q": text})
    saved = client.post("/search/save/", {"asked": f"q={text}", "name": "查询", "cadence": "work"})
    told = [str(message) for message in get_messages(saved.wsgi_request)]
    stored = (
        sorted(FailedQuery.objects.values_list("text", "times")),
        sorted(RecentQuery.objects.values_list("text", flat=True)),
        sorted(SavedSearch.objects.values_list("asked", flat=True)),
        sorted(key for key in dict(client.session.items()) if key.startswith("search")),
    )
    FailedQuery.objects.all().delete()
    RecentQuery.objects.all().delete()
    SavedSearch.objects.all().delete()
    return searched.status_code, searched.headers.get("Location", ""), told, stored


@pytest.mark.parametrize("place", range(len(TEXTS)))
def test_g1_a_customer_and_a_stranger_are_answered_alike(world: World, place: int) -> None:
    published(world)
    before = answers(world.designer, TEXTS[place])
    make_dossier(world.editor, world.unit, "石示例", 2)
    make_dossier(world.editor, make_unit(world.estate, "5栋302"), "防水", 3)
    assert answers(world.designer, TEXTS[place]) == before


def test_g1_who_may_look_up_learns_nothing_of_other_estates(world: World) -> None:
    before = answers(world.other_editor, "防水")
    make_dossier(world.editor, world.unit, "防水", 3)
    assert answers(world.other_editor, "防水") == before
