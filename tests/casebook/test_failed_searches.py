"""Searches that failed: counted by the week, without who; what was found afterwards proposes a synonym."""

from __future__ import annotations

from datetime import timedelta

from django.core import mail
from django.test import Client
from django.utils import timezone

from casebook import after_failure
from casebook.services.reminding import mail_failed_list
from search.models import FailedQuery, FoundAfterwards, SynonymGroup
from search.synonyms import KEPT, Proposal, monday_of, note_failed, proposals
from tests.casebook.test_following import published
from tests.casebook.test_search_page import client_of
from tests.conftest import World


def look_for(client: Client, *texts: str) -> None:
    for text in texts:
        client.post("/search/", {"q": text})


def test_failed_then_found_and_opened_is_a_proposal_and_a_click_makes_it_a_synonym(world: World) -> None:
    case = published(world)
    reader, other = client_of(world.designer), client_of(world.reader)
    for client in (reader, other):
        look_for(client, "天花板滴水", "顶板渗漏")
        client.get(case.get_absolute_url())
    assert proposals() == [Proposal("天花板滴水", "顶板渗漏", 2, 1)]
    manager = client_of(world.manager)
    page = manager.get("/search/words/").content.decode()
    assert "天花板滴水" in page
    assert "2 次，打开 1 份案例" in page
    manager.post("/search/words/", {"words": "天花板滴水、顶板渗漏"})
    assert SynonymGroup.objects.get().words == "天花板滴水、顶板渗漏"
    assert (FailedQuery.objects.count(), proposals()) == (0, [])
    look_for(reader, "天花板滴水")
    assert FailedQuery.objects.count() == 0


def test_nothing_is_proposed_from_what_was_not_opened_or_came_too_late(world: World, monkeypatch: object) -> None:
    case = published(world)
    client = client_of(world.designer)
    look_for(client, "天花板滴水", "顶板渗漏")
    assert proposals() == []
    session = client.session
    session[after_failure.FAILED] = ["天花板滴水", session[after_failure.FAILED][1] - after_failure.SECONDS - 1]
    session.save()
    client.get(case.get_absolute_url())
    assert proposals() == []
    look_for(client, "天花板滴水")
    client.get(case.get_absolute_url())  # opened without other words
    assert (proposals(), FoundAfterwards.objects.count()) == ([], 0)


def test_names_numbers_and_homes_are_in_no_list_and_no_session(world: World) -> None:
    client = client_of(world.designer)
    look_for(client, "13800138000", "3栋2单元9999", "110101199003070038")
    assert FailedQuery.objects.count() == 0
    assert after_failure.FAILED not in client.session


def test_the_list_is_by_the_week_and_forgets(world: World) -> None:
    this_week = monday_of(timezone.localdate())
    for weeks, times in ((0, 3), (1, 2), (20, 9)):
        FailedQuery.objects.create(text="滴水", week=this_week - timedelta(weeks=weeks), times=times)
    page = client_of(world.manager).get("/search/words/").content.decode()
    assert f"{this_week:%Y-%m-%d} 起的一周，3 次" in page
    assert f"{this_week - timedelta(weeks=1):%Y-%m-%d} 起的一周，2 次" in page
    assert f"{this_week - timedelta(weeks=20):%Y-%m-%d}" not in page
    note_failed("滴水")
    assert sorted(FailedQuery.objects.values_list("times", flat=True)) == [2, 4]
    assert not FailedQuery.objects.filter(week__lt=this_week - KEPT).exists()
    client_of(world.manager).post("/search/words/", {"action": "forget", "failed": "滴水"})
    assert FailedQuery.objects.count() == 0


def test_managers_get_the_weeks_list_once(world: World) -> None:
    last_week = monday_of(timezone.localdate()) - timedelta(weeks=1)
    mail.outbox.clear()
    assert mail_failed_list() == 0
    FailedQuery.objects.create(text="滴水", week=last_week, times=3)
    FailedQuery.objects.create(text="冒汗", week=last_week, times=1)
    assert (mail_failed_list(), mail_failed_list()) == (4, 0)
    [message] = [one for one in mail.outbox if one.to == [world.manager.email]]
    assert str(message.body).startswith(f"{last_week.isoformat()} 起的一周有 4 次查询没有结果，建议了 0 组同义词。")
    assert "滴水" not in str(message.body)
    assert [world.designer.email] not in [one.to for one in mail.outbox]
