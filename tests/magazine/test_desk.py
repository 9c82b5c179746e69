"""The pages on which a mailing is made and watched."""

from __future__ import annotations

from collections.abc import Callable

from django.core import mail
from django.test import Client
from django.utils import timezone

from casebook.models import CasePage
from estates.factories import make_person
from estates.roles import Role
from magazine.factories import make_readers
from magazine.models import Delivery, IssuePage, Mailing, Subscriber
from magazine.services.sending import send_mailing
from magazine.vocabulary import DeliveryState
from outputs.carriers import BackendCarrier
from tests.conftest import World
from tests.magazine.conftest import article, make_issue, make_published
from vault.models import AccessEntry


def test_from_the_first_issue_to_the_report(
    world: World, client: Client, published_case: Callable[..., CasePage]
) -> None:
    case = published_case(record_date=timezone.localdate())
    make_readers(["a@example.com"])
    client.force_login(world.editor)
    assert client.post("/magazine/new/").status_code == 302
    issue = IssuePage.objects.get()
    address = f"/magazine/issue/{issue.pk}/"
    assert client.post(f"{address}pull/", {"kind": "cases"}, follow=True).content.decode().count("请先勾选") == 1
    assert client.post(f"{address}pull/", {"kind": "cases", "id": [case.pk]}).status_code == 302
    refused = client.post(f"{address}prepare/", {"interests": ["magazine"]}, follow=True)
    assert "这一期还没有发布" in refused.content.decode()
    IssuePage.objects.get().latest_revision.publish(skip_permission_checks=True)
    assert client.post(f"{address}prepare/", {"interests": []}).status_code == 422
    assert client.post(f"{address}prepare/", {"interests": ["magazine"]}).status_code == 302
    mailing = Mailing.objects.get()
    page = mailing.get_absolute_url()
    assert "会寄给 1 人" in client.get(page).content.decode()
    client.force_login(world.manager)
    assert "请写成 2026-11-30 09:00。" in client.post(f"{page}approve/", {"at": "soon"}, follow=True).content.decode()
    assert client.post(f"{page}approve/").status_code == 302
    assert client.post(f"{page}sing/").status_code == 404
    assert "现在不能这样做" in client.post(f"{page}pause/", follow=True).content.decode()
    with BackendCarrier() as line:
        send_mailing(Mailing.objects.get(), line)
    assert mail.outbox[-1].to == ["a@example.com"]
    assert "1 / 1" in client.get(f"{page}progress/").content.decode()


def test_unknown_ends_are_settled_by_a_click(world: World, client: Client) -> None:
    make_readers(["a@example.com", "b@example.com"])
    issue = make_published(world.editor)
    client.force_login(world.editor)
    client.post(f"/magazine/issue/{issue.pk}/prepare/", {"interests": ["magazine"]})
    mailing = Mailing.objects.get()
    client.force_login(world.manager)
    client.post(f"{mailing.get_absolute_url()}approve/")
    with BackendCarrier() as line:
        send_mailing(Mailing.objects.get(), line)
    Delivery.objects.filter(pk=Delivery.objects.order_by("pk")[0].pk).update(state=DeliveryState.UNKNOWN)
    assert "发送停住了，或有结果不明" in client.get("/work/").content.decode()
    assert "结果不明的视为已发出" in client.get(mailing.get_absolute_url()).content.decode()
    assert client.post(f"{mailing.get_absolute_url()}count/").status_code == 302
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert len([one for one in mail.outbox if one.subject == mailing.subject]) == 2


def test_papers_of_a_draft_are_its_makers(world: World, client: Client) -> None:
    issue = make_issue(world.editor, article())
    for kind in ("magazine", "bleed", "letter"):
        client.force_login(world.designer)
        assert client.get(f"/magazine/issue/{issue.pk}/paper/{kind}/").status_code == 403
        client.force_login(world.editor)
        answer = client.get(f"/magazine/issue/{issue.pk}/paper/{kind}/")
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert client.get(f"/magazine/issue/{issue.pk}/paper/poster/").status_code == 404
    assert client.get(f"/magazine/pdf/{issue.pk}/").status_code == 404, "a draft is not public"


def test_subscribers_are_masked_looked_up_by_post_and_erased(world: World, client: Client) -> None:
    reader, _other = make_readers(["reader@example.com", "other@example.com"])
    client.force_login(world.editor)
    assert client.get("/magazine/subscribers/").status_code == 403
    assert client.post(f"/magazine/subscribers/{reader.pk}/", {"act": "erase"}).status_code == 403
    client.force_login(world.manager)
    html = client.get("/magazine/subscribers/").content.decode()
    assert ("r***@example.com" in html, "reader@example.com" in html) == (True, False)
    found = client.post("/magazine/subscribers/", {"address": "READER@example.com"}).content.decode()
    assert ("r***@example.com" in found, "o***@example.com" in found) == (True, False)
    assert "请填写邮箱地址" in client.post("/magazine/subscribers/", {"address": "x"}).content.decode()
    assert client.post(f"/magazine/subscribers/{reader.pk}/", {"act": "erase"}).status_code == 302
    assert Subscriber.objects.count() == 1
    assert list(AccessEntry.objects.order_by("sequence").values_list("act", flat=True)) == [
        "searched",
        "searched",
        "destroyed",
    ]
    auditor = make_person("auditor", Role.AUDITOR)
    client.force_login(auditor)
    assert client.get("/magazine/subscribers/").status_code == 200
    assert client.post(f"/magazine/subscribers/{Subscriber.objects.get().pk}/", {"act": "leave"}).status_code == 403
