"""What a person keeps for himself, searches that go on, and what is told of new cases."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casebook.ending import ending_address
from casebook.factories import decide, make_draft, publish, submit
from casebook.models import (
    Alert,
    Cadence,
    CasePage,
    ChangedCase,
    PinnedCase,
    RecentCase,
    RecentQuery,
    SavedSearch,
    Usefulness,
)
from casebook.services.alerting import MOST_SEARCHES, QUIET, find_news, mail_alerts, save_search
from casebook.services.bulk import PublishedCase, file_published_cases
from casebook.services.correcting import correct_place
from casebook.services.errors import CaseError
from casebook.services.following import KEPT, note_opened, note_query, pin_case, say_useful
from casebook.services.publishing import withdraw_case
from estates.models import Assignment, User
from tests.casebook.test_search_page import client_of
from tests.conftest import World


def saved(by: User, asked: str = "q=渗漏", cadence: Cadence = Cadence.AT_ONCE) -> SavedSearch:
    return save_search(by=by, name="渗漏", asked=asked, cadence=cadence)


def published(world: World, title: str = "地下车库顶板渗漏", **changes: object) -> CasePage:
    draft = make_draft(
        world.editor,
        world.estate,
        world.company.design,
        photos=0,
        **{"no_photo_reason": "电话反映", "title": title} | changes,  # type: ignore[arg-type]
    )
    return publish(draft, by=world.editor, manager=world.manager, confirmer=world.designer)


def of_case(**fields: object) -> list[tuple[str, int]]:
    return list(Alert.objects.filter(**fields).values_list("user__username", "case"))


@pytest.mark.django_db(transaction=True)
def test_a_new_record_is_told_once_to_each_who_may_see_it(build: object, client: Client) -> None:
    world: World = build()  # type: ignore[operator]
    before = published(world)
    for user in (world.designer, world.reader, world.engineer, world.other_editor):
        saved(user)
    saved(world.reader, "category=building", Cadence.WORK)
    mail.outbox.clear()
    after = published(world)
    assert sorted(of_case()) == [("designer", after.pk), ("reader", after.pk)]
    mails = {message.to[0]: str(message.body) for message in mail.outbox if "您关注的查询" in str(message.subject)}
    assert sorted(mails) == [world.designer.email, world.reader.email]
    body = mails[world.designer.email]
    assert str(after.number) in body
    assert str(before.number) not in body
    assert after.title not in body
    correct_place(case=after, by=world.manager, estate=world.estate, unit=world.unit, reason="更正")
    find_news()
    assert len(of_case()) == 2
    assert "您关注的新案例" in client_of(world.reader).get("/work/").content.decode()
    client_of(world.reader).get(after.get_absolute_url())
    assert "您关注的新案例" not in client_of(world.reader).get("/work/").content.decode()


def test_the_own_case_and_one_in_nobodys_sight_are_no_news(world: World) -> None:
    saved(world.editor)
    saved(world.other_editor)
    saved(world.designer)
    submit(make_draft(world.editor, world.estate, world.company.design), world.editor)
    find_news()
    assert of_case() == []


def test_a_record_that_found_its_way_to_the_search_later_is_news(world: World) -> None:
    search = saved(world.designer, "q=轿厢")
    case = published(world, "电梯异响")
    find_news()
    assert (of_case(), search.known) == ([], [])
    case.title = "轿厢异响"
    case.save_revision(user=world.editor)
    submit(case, world.editor)
    decide(case, world.manager)
    decide(case, world.designer)
    find_news()
    assert of_case() == [("designer", case.pk)]


def test_what_one_may_no_longer_see_is_never_told(world: World) -> None:
    saved(world.designer, cadence=Cadence.DAILY)
    saved(world.reader, cadence=Cadence.DAILY)
    saved(world.engineer, cadence=Cadence.DAILY)
    case = published(world, to_quality=True)
    find_news()
    assert len(of_case()) == 3
    Assignment.objects.filter(user=world.reader).delete()
    User.objects.filter(pk=world.engineer.pk).update(is_active=False)
    mail.outbox.clear()
    assert mail_alerts(Cadence.DAILY) == 1
    assert [message.to for message in mail.outbox] == [[world.designer.email]]
    published(world, "屋面渗漏")
    withdraw_case(case=case, by=world.manager, reason="有误")
    find_news()
    assert {username for username, _case in of_case(seen_at=None, case=CasePage.objects.latest("pk"))} == {"designer"}
    assert not Alert.objects.unseen_by(world.designer).filter(case=case).exists()


def test_an_import_of_a_thousand_is_one_mail(world: World) -> None:
    saved(world.designer)
    cases = [
        PublishedCase(
            world.estate,
            date(2026, 11, 1),
            {"title": f"渗漏 {number}", "description": "顶板渗漏", "to_design": True},
            source_id=f"s{number}",
        )
        for number in range(1000)
    ]
    for start in range(0, 1000, 250):
        file_published_cases(cases[start : start + 250], by=None)
    mail.outbox.clear()
    assert find_news() == 1000
    [message] = mail.outbox
    assert message.subject == "您关注的查询有 1000 份新案例"
    assert "还有 990 份" in message.body
    assert ChangedCase.objects.count() == 0


def test_mails_at_once_keep_their_distance(world: World) -> None:
    saved(world.designer)
    published(world)
    find_news()
    published(world, "屋面渗漏")
    mail.outbox.clear()
    find_news()
    assert mail.outbox == []
    Alert.objects.update(found_at=timezone.now() - QUIET)
    Alert.objects.exclude(mailed_at=None).update(mailed_at=timezone.now() - QUIET - timedelta(seconds=1))
    mail_alerts(Cadence.AT_ONCE)
    assert [message.subject for message in mail.outbox] == ["您关注的查询有 1 份新案例"]
    assert Alert.objects.filter(mailed_at=None).count() == 0


def test_a_click_in_the_mail_ends_it_for_good_and_says_nothing(client: Client, world: World) -> None:
    search = saved(world.designer)
    published(world)
    mail.outbox.clear()
    find_news()
    [address] = re.findall(r"(/search/end/\S+)", str(mail.outbox[0].body))
    assert address == ending_address(search)
    page = client.get(address).content.decode()
    assert "停止这一项通知" in page
    assert "渗漏" not in page
    search.refresh_from_db()
    assert search.ended_at is None
    assert "不再发通知" in client.post(address).content.decode()
    assert not Alert.objects.unseen_by(world.designer).exists()
    published(world, "屋面渗漏")
    find_news()
    assert Alert.objects.count() == 1
    assert client.post(f"{address}x").status_code == 404
    own = client_of(world.designer)
    own.post(reverse("casebook:mine"), {"action": "resume", "search": search.pk})
    published(world, "外墙渗漏")
    find_news()
    assert Alert.objects.count() == 2


def test_saving_refuses_what_makes_no_search(world: World, settings: object) -> None:
    for name, asked, cadence in (("", "q=渗漏", "work"), ("渗漏", "", "work"), ("渗漏", "q=渗漏", "hourly")):
        with pytest.raises(CaseError):
            save_search(by=world.editor, name=name, asked=asked, cadence=cadence)
    with pytest.raises(CaseError, match="姓名"):
        save_search(by=world.editor, name="x", asked="q=13800138000", cadence="work")
    with pytest.raises(CaseError, match="姓名"):
        save_search(by=world.editor, name="业主 13800138000", asked="q=渗漏", cadence="work")
    for number in range(MOST_SEARCHES):
        save_search(by=world.editor, name="x", asked=f"q=渗漏{number}", cadence="work")
    with pytest.raises(CaseError, match="最多"):
        save_search(by=world.editor, name="x", asked="q=另一个", cadence="work")
    assert SavedSearch.objects.count() == MOST_SEARCHES


def test_a_trade_is_followed_from_the_page(world: World) -> None:
    client = client_of(world.designer)
    published(world, "卫生间地漏返味", description="地漏水封不足", components=["drainage"])
    page = client.get("/search/?discipline=plumbing").content.decode()
    assert "卫生间地漏返味" in page
    assert 'name="name" value="给排水与消防"' in page
    client.post(reverse("casebook:save-search"), {"asked": "discipline=plumbing", "name": "给排水", "cadence": "work"})
    published(world, "雨水立管堵塞", description="排水管堵塞", components=["drainage"])
    published(world, "外墙色差", description="色差", components=["facade"])
    find_news()
    assert [alert.case.title for alert in Alert.objects.all()] == ["雨水立管堵塞"]
    mine = client.get(reverse("casebook:mine")).content.decode()
    assert "给排水" in mine
    assert "雨水立管堵塞" in mine
    client.post(reverse("casebook:mine"), {"action": "seen"})
    assert Alert.objects.unseen_by(world.designer).count() == 0
    [search] = SavedSearch.objects.all()
    client.post(reverse("casebook:mine"), {"action": "cadence", "search": search.pk, "cadence": "daily"})
    search.refresh_from_db()
    assert search.cadence == "daily"
    assert (
        client_of(world.reader).post(reverse("casebook:mine"), {"action": "delete", "search": search.pk}).status_code
        == 404
    )
    client.post(reverse("casebook:mine"), {"action": "delete", "search": search.pk})
    assert (SavedSearch.objects.count(), Alert.objects.count()) == (0, 0)


def test_recent_ones_are_few_ones_own_and_erased(world: World) -> None:
    case = published(world)
    client = client_of(world.designer)
    client.post("/search/", {"q": "变形缝"})
    client.post("/search/", {"q": "13800138000"})
    client.post("/search/", {"q": "没有这种说法"})
    client.get(case.get_absolute_url())
    assert list(RecentQuery.objects.values_list("user__username", "text")) == [("designer", "变形缝")]
    assert list(RecentCase.objects.values_list("user__username", "case")) == [("designer", case.pk)]
    for number in range(KEPT + 5):
        note_query(by=world.designer, text=f"词{number}", asked=f"q=词{number}")
    assert RecentQuery.objects.filter(user=world.designer).count() == KEPT
    note_opened(by=world.reader, case=case)
    assert "变形缝" not in client_of(world.reader).get(reverse("casebook:mine")).content.decode()
    client.post(reverse("casebook:mine"), {"action": "forget"})
    assert RecentQuery.objects.count() == 0
    assert list(RecentCase.objects.values_list("user__username", flat=True)) == ["reader"]


def test_a_pin_and_an_opinion_are_for_those_who_see_the_case(world: World) -> None:
    case = published(world)
    client = client_of(world.designer)
    pin, useful = reverse("casebook:pin", args=[case.key]), reverse("casebook:useful", args=[case.key])
    client.post(pin, {"pin": "yes"})
    client.post(useful, {"useful": "yes"})
    client_of(world.reader).post(useful, {"useful": "no"})
    page = client.get(case.get_absolute_url()).content.decode()
    assert "已收藏" in page
    assert "2 人评价，1 人觉得有用" in page
    assert case.title in client.get(reverse("casebook:mine")).content.decode()
    client.post(useful, {"useful": ""})
    client.post(pin, {"pin": "no"})
    assert (PinnedCase.objects.count(), Usefulness.objects.count()) == (0, 1)
    stranger = client_of(world.other_editor)
    assert stranger.post(pin, {"pin": "yes"}).status_code == 404
    assert stranger.post(useful, {"useful": "yes"}).status_code == 404
    assert client.post(useful, {"useful": "perhaps"}).status_code == 404
    with pytest.raises(PermissionDenied):
        pin_case(by=world.other_editor, case=case)
    with pytest.raises(PermissionDenied):
        say_useful(by=world.other_editor, case=case, useful=True)
    assert (PinnedCase.objects.count(), Usefulness.objects.count()) == (0, 1)
    pin_case(by=world.designer, case=case)
    withdraw_case(case=case, by=world.manager, reason="有误")
    assert case.title not in client.get(reverse("casebook:mine")).content.decode()
