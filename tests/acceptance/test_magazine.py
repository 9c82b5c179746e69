"""The member magazine, from the editor's desk to the reader's mailbox and back.

`SOAK_MAILS` and `SOAK_MAIL_KILLS` raise the counts of the sending story (`make soak`: 5,000 and 10).
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core import mail
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from casebook.factories import make_draft, publish
from magazine.addresses import Address
from magazine.factories import make_approved, make_readers
from magazine.models import Delivery, IssuePage, Mailing, Subscriber
from magazine.report import report_of
from magazine.services.starting import found_magazine
from magazine.services.subscribing import address_of
from magazine.vocabulary import DeliveryState, MailingState
from tests.acceptance.conftest import PHONE, People, press, snap
from tests.acceptance.post_office import PostOffice, open_office
from tests.conftest import World
from tests.magazine.conftest import make_published

ROOT = Path(__file__).parent.parent.parent
MAILS = int(os.environ.get("SOAK_MAILS", "500"))
KILLS = int(os.environ.get("SOAK_MAIL_KILLS", "1"))
FAULTS = ("grey", "gone", "spam", "cut", "lost", "shut")
SECONDS = 540


def addresses(count: int) -> list[str]:
    """Of twelve each kind of fault has one; the others are ordinary."""
    kinds = [FAULTS[place % 12] if place % 12 < len(FAULTS) else "reader" for place in range(count)]
    return [f"{kind}-{place}@mail{place % 7}.example.com" for place, kind in enumerate(kinds)]


def postman(keys: Path, office: PostOffice) -> subprocess.Popen[bytes]:
    """The real process, on this test's database and keys."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cms.settings.development",
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "ANJUAN_KEYS": str(keys),
        "ANJUAN_VAR": str(keys.parent / "var"),
        "SITE_URL": site.SITE_URL,
        "MAIL_URL": f"smtp://127.0.0.1:{office.port}",
        "MAIL_FROM": "示例会刊 <news@anjuan.example.com>",
        "MAIL_BOUNCES": "bounces@anjuan.example.com",
        "MAIL_PER_DOMAIN_MINUTE": "1000000",
        "MAIL_LEASE_SECONDS": "1",
        "MAIL_LATER_MINUTES": "0,0,0,0,0",
    }
    command = [sys.executable, "manage.py", "postman", "--once"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603  our own


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_nobody_gets_it_twice(build: Callable[[], World], keys: Path) -> None:
    world = build()
    readers = make_readers(addresses(MAILS))
    mailing = make_approved(world.editor, world.manager, html="<p>示例 [[leave]]</p>", text="示例 [[leave]]\n.\n完")
    draw = random.Random(9)
    connections.close_all()
    with open_office() as office:
        begun = time.monotonic()
        for kill in range(KILLS):
            running = postman(keys, office)
            share = MAILS * (kill + draw.uniform(0.3, 0.9)) / (KILLS + 1)
            assert office.wait_for(int(share * 0.7))
            running.send_signal(signal.SIGKILL)
            running.wait(30)
        assert postman(keys, office).wait(SECONDS) == 0
        seconds = time.monotonic() - begun
    everything_adds_up(mailing, readers, office)
    print(f"{MAILS} mails, {KILLS} kills: {seconds:.1f} s, {MAILS / seconds:.0f} a second with every start")


def everything_adds_up(mailing: Mailing, readers: list[Subscriber], office: PostOffice) -> None:
    mailing.refresh_from_db()
    assert mailing.state == MailingState.DONE
    assert max(office.copies().values()) == 1
    ends = dict(mailing.deliveries.values_list("subscriber", "state"))
    assert set(ends) == {reader.pk for reader in readers}
    assert set(ends.values()) <= {DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN}
    report = report_of(mailing)
    assert report.sent + report.failed + report.unknown == report.addressed == MAILS
    by_kind = Counter((address_of(r).local.partition("-")[0], ends[r.pk]) for r in readers)
    unknown = {kind: count for (kind, end), count in by_kind.items() if end == DeliveryState.UNKNOWN}
    share = Counter(written.partition("-")[0] for written in addresses(MAILS))
    assert (unknown["cut"], unknown["lost"]) == (share["cut"], share["lost"])
    assert sum(unknown.values()) - share["cut"] - share["lost"] <= KILLS, "one at most for each kill"
    assert {kind for (kind, end) in by_kind if end == DeliveryState.FAILED} == {"gone", "spam"}
    sent = {address_of(r).spec for r in readers if ends[r.pk] == DeliveryState.SENT}
    assert sent <= set(office.copies()), "what counts as sent was taken"


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_whole_and_its_way_out_works(build: Callable[[], World], keys: Path, client: Client) -> None:
    world = build()
    reader, other = make_readers(['"two words"@mail.example.com', "reader@例子.example.com"])
    make_approved(
        world.editor, world.manager, html="<p>示例 <a href='[[leave]]'>x</a></p>", text="示例\n[[leave]]\n.\n"
    )
    connections.close_all()
    with open_office() as office:
        assert postman(keys, office).wait(60) == 0
    assert sorted(office.copies()) == ['"two words"@mail.example.com', "reader@xn--fsqu00a.example.com"]
    mail = office.mail_to("reader@xn--fsqu00a.example.com")
    assert mail["Subject"] == "示例会刊"
    assert mail["To"] == "reader@xn--fsqu00a.example.com"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    delivery = Delivery.objects.get(subscriber=other)
    sender = next(sender for sender, to, _content in office.taken if to.startswith("reader"))
    assert sender == f"bounces+{delivery.key}@anjuan.example.com"
    leave = str(mail["List-Unsubscribe"]).strip(" <>")
    plain, rich = (part.get_content() for part in mail.iter_parts())
    assert plain.splitlines() == ["示例", leave, "."]
    assert re.findall(r"href='([^']+)'", rich) == [leave]
    answer = client.post(leave.removeprefix(site.SITE_URL), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert set(Subscriber.objects.values_list("pk", "state")) == {(reader.pk, "active"), (other.pk, "left")}
    assert address_of(other) == Address("reader", "xn--fsqu00a.example.com")


def mail_link(kind: str) -> str:
    """The link of the latest mail of this kind, as a path."""
    for message in reversed(mail.outbox):
        body = message.message().get_body(("plain",))
        assert body
        if found := re.search(rf"(/magazine/{kind}/[^\s]+)", body.get_content()):
            return found[1]
    raise AssertionError(f"no mail leads to {kind}")


def test_a_reader_signs_up_reads_chooses_and_leaves(
    story_world: World, people: People, screenshots: Path | None
) -> None:
    world = story_world
    magazine = found_magazine()
    make_published(world.editor, title="入冬前")
    context = people.browser.new_context(locale="zh-CN", **PHONE)
    people.contexts.append(context)
    page = people.watch(context.new_page())
    page.goto(f"{people.address}{magazine.url}")
    page.get_by_role("link", name="订阅会刊").first.click()
    page.fill("[name=address]", "reader@example.com")
    page.get_by_label(str(world.estate)).check()
    page.get_by_label("我同意用这个邮箱接收会刊，并知道可以随时退订。").check()
    snap(page, screenshots, "magazine-1-sign-up")
    page.get_by_role("button", name="订阅", exact=True).click()
    page.get_by_role("heading", name="请查收邮件").wait_for()
    page.goto(f"{people.address}{mail_link('confirm')}")
    page.get_by_role("button", name="确认订阅").click()
    page.get_by_role("heading", name="订阅成功").wait_for()
    page.get_by_role("link", name="选择想收到的内容").click()
    page.get_by_label("会员活动").uncheck()
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已保存。").wait_for()
    snap(page, screenshots, "magazine-2-wishes")
    reader = Subscriber.objects.get()
    assert (reader.state, reader.wants_activities, list(reader.estates.all())) == ("active", False, [world.estate])
    page.goto(f"{people.address}{magazine.url}")
    page.get_by_role("link", name="入冬前").click()
    page.get_by_role("heading", name="验房三步").wait_for()
    snap(page, screenshots, "magazine-3-issue")
    page.goto(f"{people.address}/magazine/wishes/{reader.key}/")
    page.get_by_role("link", name="退订").click()
    page.get_by_role("button", name="退订").click()
    page.get_by_role("heading", name="已退订").wait_for()
    reader.refresh_from_db()
    assert reader.state == "left"
    assert people.complaints == []


def test_the_editor_makes_an_issue_and_a_second_person_lets_it_out(
    story_world: World, people: People, screenshots: Path | None
) -> None:
    world = story_world
    for place, title in enumerate(("窗台渗水", "地暖不热", "车库返潮")):
        draft = make_draft(
            world.editor, world.estate, world.company.design, unit=world.unit, title=title, record_date=today(place)
        )
        publish(draft, by=world.editor, manager=world.manager, confirmer=world.designer)
    make_readers(["reader@example.com"])
    editor = people.sign_in("editor")
    editor.goto(f"{people.address}/magazine/")
    editor.get_by_role("button", name="新的一期").click()
    for title in ("窗台渗水", "地暖不热", "车库返潮"):
        editor.get_by_label(title).check()
    snap(editor, screenshots, "magazine-4-pull")
    press(editor, "拉入勾选的")
    editor.get_by_text("已拉入 3 条。").wait_for()
    make = editor.url
    press(editor, "试发")
    editor.get_by_text("试发邮件已排队，寄往 editor@example.invalid").wait_for()
    test_mail = mail.outbox[-1]
    assert "窗台渗水" in test_mail.message().get_body(("plain",)).get_content()  # type: ignore[union-attr]
    editor.get_by_role("link", name="编辑这一期").click()
    previewed(editor, screenshots)
    editor.get_by_role("button", name="更多动作").click()
    editor.get_by_role("button", name="提交给公开内容审核").click()
    editor.wait_for_load_state()
    manager = people.sign_in("manager")
    manager.get_by_role("link", name=IssuePage.objects.get().title).click()
    manager.frame_locator("iframe.version").get_by_text("窗台渗水").first.wait_for()
    snap(manager, screenshots, "magazine-6-review")
    press(manager, "同意发布")
    editor.goto(make)
    press(editor, "定稿")
    editor.get_by_text("等客服经理批准。").wait_for()
    mailing = Mailing.objects.get()
    manager.goto(f"{people.address}{mailing.get_absolute_url()}")
    snap(manager, screenshots, "magazine-6-approve")
    press(manager, "批准发送")
    call_command("postman", once=True)
    sent = mail.outbox[-1]
    assert (sent.to, sent.subject) == (["reader@example.com"], mailing.subject)
    manager.goto(f"{people.address}{mailing.get_absolute_url()}")
    manager.get_by_text("1 / 1").wait_for()
    snap(manager, screenshots, "magazine-7-report")
    html = sent.message().get_body(("html",)).get_content()  # type: ignore[union-attr]
    mail_looks_right(people, html, screenshots)
    assert people.complaints == []


def today(days_ago: int) -> date:
    """Within this month, however early in it."""
    now = timezone.localdate()
    return max(now - timedelta(days_ago), now.replace(day=1))


def previewed(editor: Page, screenshots: Path | None) -> None:
    """All three media, in the editor's own frame."""
    editor.get_by_role("button", name="预览开关").click()
    for mode, shown in (("", "窗台渗水"), ("mail", "在浏览器里看"), ("pdf", "")):
        editor.locator("[name=preview_mode]").select_option(mode)
        frame = editor.frame_locator("iframe.w-preview__iframe").last
        if shown:
            frame.get_by_text(shown).first.wait_for()
        else:
            frame.get_by_role("img", name="第 1 页").wait_for()
        snap(editor, screenshots, f"magazine-5-preview-{mode or 'web'}")


def mail_looks_right(people: People, html: str, screenshots: Path | None) -> None:
    """At the widths of a phone and of a desktop mail program: nothing runs over the edge."""
    for width in (360, 700):
        context = people.browser.new_context(viewport={"width": width, "height": 800})
        people.contexts.append(context)
        page = context.new_page()
        page.route("**/*", lambda route: route.abort())
        page.set_content(html)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, width
        snap(page, screenshots, f"magazine-8-mail-{width}")
