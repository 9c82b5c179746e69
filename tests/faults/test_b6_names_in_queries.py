"""No list of queries holds a name, wherever in the query it stands."""

from __future__ import annotations

import pytest
from django.test import Client

from archives.factories import make_dossier
from casebook.models import RecentQuery, SavedSearch
from search.models import FailedQuery, FoundAfterwards
from tests.casebook.test_following import published
from tests.casebook.test_search_page import client_of
from tests.conftest import World

QUERIES = [
    "欧阳示例 漏水", "陈示例家漏水", "“陈示例”", '"陈示例"', "漏水 OR 陈示例", "-陈示例 漏水", "渗漏 -陈示例",
    "dept:陈示例", "estate:YLW 陈示例", "3栋陈示例", "陈\u200b示例", "歐陽示例", "chenshili", "csl",
    "渗漏 OR 0001", "陈示例先生",
]  # fmt: skip


@pytest.mark.parametrize("place", range(len(QUERIES)))
def test_b6_nothing_that_may_hold_a_name_is_kept(world: World, place: int) -> None:
    published(world)
    make_dossier(world.editor, world.unit, "欧阳示例")
    query = QUERIES[place]
    for user in (world.designer, world.manager):
        client: Client = client_of(user)
        answer = client.post("/search/", {"q": query})
        assert (answer.status_code, answer.headers.get("Location")) == (200, None)
        client.get("/search/", {"q": query})
        client.post("/search/save/", {"asked": f"q={query}", "name": "查询", "cadence": "work"})
        client.post("/search/save/", {"asked": "q=渗漏", "name": query, "cadence": "work"})
        assert not [key for key in dict(client.session.items()) if key.startswith("search")]
    kept = [model.objects.count() for model in (FailedQuery, FoundAfterwards, RecentQuery, SavedSearch)]
    assert kept == [0, 0, 0, 0]
    assert query not in client_of(world.manager).get("/search/words/").content.decode()


def test_b6_words_of_the_trade_are_kept(world: World) -> None:
    client = client_of(world.designer)
    for query in ("云栖湾 冒汗", "天花板滴水"):
        client.post("/search/", {"q": query})
    assert sorted(FailedQuery.objects.values_list("text", flat=True)) == ["云栖湾 冒汗", "天花板滴水"]
