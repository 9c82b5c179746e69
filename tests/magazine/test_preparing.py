"""From a published issue to a frozen, approved mailing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from estates.models import User
from magazine.audience import readers_of
from magazine.factories import make_readers
from magazine.models import Delivery, IssuePage, Mailing, Subscriber
from magazine.services.errors import MagazineError
from magazine.services.preparing import approve_mailing, cancel_mailing, prepare_mailing
from magazine.services.sending import send_mailing
from magazine.vocabulary import MailingState
from outputs.carriers import BackendCarrier
from tests.conftest import World
from tests.magazine.conftest import article, make_issue, make_published


def test_what_was_frozen_is_what_is_sent(world: World, client: Client) -> None:
    make_readers(["a@example.com"])
    issue = make_published(world.editor, article("旧标题"))
    mailing = prepare_mailing(issue=issue, by=world.editor)
    edition = mailing.editions.get()
    copy = f"/magazine/copy/{edition.key}/"
    assert client.get(copy).status_code == 404, "not before it is approved"
    assert default_storage.open(edition.pdf).read(5) == b"%PDF-"
    draft = issue.get_latest_revision_as_object()
    draft.body = [article("新标题")]
    draft.save_revision(user=world.editor).publish(skip_permission_checks=True)
    mailing.refresh_from_db()
    assert mailing.is_edited_since
    approve_mailing(mailing=mailing, by=world.manager)
    with BackendCarrier() as line:
        send_mailing(mailing, line)
    mailing.refresh_from_db()
    assert mailing.state == MailingState.DONE
    shown = client.get(copy).content.decode()
    assert "旧标题" in shown
    assert "新标题" not in shown
    assert "[[" not in shown
    assert client.get(f"{copy}pdf/").status_code == 200


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param([], "还有检查没有通过：有内容", id="empty"),
        pytest.param([article(html="<p>找王先生，13800001111。</p>")], "还有检查没有通过：没有个人信息", id="a person"),
        pytest.param([article(html="<p>𠮷</p>")], "还有检查没有通过：字都印得出", id="a glyph"),
    ],
)
def test_an_unfit_issue_is_not_frozen(world: World, body: list[tuple[str, dict[str, object]]], told: str) -> None:
    issue = make_issue(world.editor, *body)
    issue.latest_revision.publish(skip_permission_checks=True)
    with pytest.raises(MagazineError) as refused:
        prepare_mailing(issue=IssuePage.objects.get(pk=issue.pk), by=world.editor)
    assert str(refused.value) == told
    assert not Mailing.objects.exists()


def test_a_draft_is_not_sent_and_an_issue_has_one_mailing_at_a_time(world: World) -> None:
    with pytest.raises(MagazineError, match="还没有发布"):
        prepare_mailing(issue=make_issue(world.editor, article()), by=world.editor)
    issue = make_published(world.editor)
    with pytest.raises(PermissionDenied):
        prepare_mailing(issue=issue, by=world.designer)
    first = prepare_mailing(issue=issue, by=world.editor)
    with pytest.raises(MagazineError, match="已有一次发送在进行"):
        prepare_mailing(issue=issue, by=world.editor)
    cancel_mailing(mailing=first, by=world.editor)
    prepare_mailing(issue=issue, by=world.editor)
    assert list(Mailing.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled", "prepared"]


def test_who_wrote_it_does_not_approve_it(world: World) -> None:
    issue = make_published(world.manager)
    mailing = prepare_mailing(issue=issue, by=world.editor)
    with pytest.raises(MagazineError, match="两个人"):
        approve_mailing(mailing=mailing, by=world.manager)
    with pytest.raises(PermissionDenied):
        approve_mailing(mailing=mailing, by=world.editor)
    mailing.refresh_from_db()
    assert (mailing.state, mailing.approved_by) == (MailingState.PREPARED, None)


def test_an_hour_in_the_past_or_far_away_is_refused(world: World) -> None:
    mailing = prepare_mailing(issue=make_published(world.editor), by=world.editor)
    for away in (timedelta(days=-1), timedelta(days=91)):
        with pytest.raises(MagazineError, match="今后 90 天内"):
            approve_mailing(mailing=mailing, by=world.manager, at=timezone.now() + away)


def test_only_who_wants_the_magazine_gets_it(world: World) -> None:
    reader, other, elsewhere = make_readers([f"{name}@example.com" for name in "abc"])
    Subscriber.objects.filter(pk=other.pk).update(wants_magazine=False)
    elsewhere.estates.set([world.other_estate])
    mailing = prepare_mailing(issue=make_published(world.editor), by=world.editor, estates=[world.estate])
    assert list(readers_of(mailing)) == [reader]
    cancel_mailing(mailing=mailing, by=world.editor)
    mailing = prepare_mailing(issue=IssuePage.objects.get(), by=world.editor, interests=["notices"])
    assert list(readers_of(mailing)) == [reader, other, elsewhere]


def test_a_second_mailing_of_an_issue_reaches_only_those_who_have_it_not(world: World) -> None:
    issue = make_published(world.editor)
    for address in ("a@example.com", "new@example.com"):
        make_readers([address])
        mailing = prepare_mailing(issue=issue, by=world.editor)
        approve_mailing(mailing=mailing, by=world.manager)
        with BackendCarrier() as line:
            send_mailing(mailing, line)
    assert [m.deliveries.count() for m in Mailing.objects.order_by("pk")] == [1, 1]
    assert Delivery.objects.values("subscriber").distinct().count() == 2


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        pytest.param("editor", 200, id="editor"),
        pytest.param("manager", 200, id="manager"),
        pytest.param("designer", 404, id="designer"),
    ],
)
def test_mailings_are_read_by_those_who_make_them(world: World, client: Client, who: str, expected: int) -> None:
    mailing = prepare_mailing(issue=make_published(world.editor), by=world.editor)
    user: User = getattr(world, who)
    client.force_login(user)
    assert client.get(mailing.get_absolute_url()).status_code == expected
    assert client.get(f"{mailing.get_absolute_url()}mail/").status_code == expected
    before = Mailing.objects.values_list("state", flat=True).get()
    if expected == 404:
        assert client.post(f"{mailing.get_absolute_url()}approve/").status_code == 404
        assert client.post(f"{mailing.get_absolute_url()}cancel/").status_code == 404
        assert Mailing.objects.values_list("state", flat=True).get() == before


def test_what_was_sent_is_not_deleted(world: World, client: Client) -> None:
    issue = make_published(world.editor)
    assert issue.permissions_for_user(world.manager).can_delete()
    prepare_mailing(issue=issue, by=world.editor)
    client.force_login(world.manager)
    for page in (issue, issue.get_parent().specific, issue.get_parent().get_parent().specific):
        assert not page.permissions_for_user(world.manager).can_delete()
        assert client.post(f"/admin/pages/{page.pk}/delete/").status_code in (302, 403)
    assert IssuePage.objects.count() == 1
