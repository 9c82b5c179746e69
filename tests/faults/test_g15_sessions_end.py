"""G15: a session ends when nobody is there, and at the latest after a working day; nothing typed is lost by it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from wagtail.admin.models import EditingSession

from casebook.factories import make_draft
from casebook.models import CasePage
from cms.accounts.services import deactivate
from cms.sessions import BEGAN
from estates.factories import SAMPLE_PASSWORD
from estates.models import User
from tests.conftest import World
from tests.faults.test_a5_preview import form_of
from tests.faults.test_g13_full_disk import full_disk

ENDED = "/login/?ended=1&next=/work/"


class Clock:
    """The time of the site, which a test moves on."""

    def __init__(self) -> None:
        self.passed = timedelta()
        self.real = timezone.now

    def __call__(self) -> datetime:
        return self.real() + self.passed

    def move(self, **much: int) -> None:
        self.passed += timedelta(**much)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture
def client(world: World) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(world.editor)
    return client


@pytest.fixture
def draft(world: World) -> CasePage:
    return make_draft(world.editor, world.estate, world.company.design, unit=world.unit)


def test_g15_an_idle_session_ends_and_the_login_page_says_why(client: Client, clock: Clock) -> None:
    clock.move(minutes=59)
    assert client.get("/work/").status_code == 200
    clock.move(minutes=61)
    answer = client.get("/work/?page=2")
    assert (answer.status_code, answer["Location"]) == (302, "/login/?ended=1&next=/work/%3Fpage%3D2")
    page = client.get(answer["Location"]).content.decode()
    assert "60 分钟没有操作，或登录已满 12 小时" in page
    assert 'name="next" value="/work/?page=2"' in page


def test_g15_who_signs_in_again_is_where_he_was(client: Client, clock: Clock, world: World) -> None:
    clock.move(minutes=61)
    address = client.get("/work/?page=2")["Location"]
    asked = {"username": world.editor.username, "password": SAMPLE_PASSWORD, "next": "/work/?page=2"}
    assert client.post(address, asked)["Location"] == "/work/?page=2"
    assert client.get("/work/?page=2").status_code == 200


def test_g15_the_sentence_follows_the_setting_and_the_language(
    client: Client, clock: Clock, settings: Settings
) -> None:
    settings.SESSION_IDLE_MINUTES = 15
    client.get("/work/")
    client.cookies["django_language"] = "en"
    page = client.get("/login/?ended=1").content.decode()
    assert "15 minutes" in page


def test_g15_a_first_visit_is_told_nothing(db: None) -> None:
    answer = Client().get("/work/")
    assert answer["Location"] == "/login/?next=/work/"
    assert "登录已经结束" not in Client().get(answer["Location"]).content.decode()


def test_g15_a_busy_session_ends_after_a_working_day(client: Client, clock: Clock) -> None:
    for _ in range(23):
        clock.move(minutes=30)
        assert client.get("/work/").status_code == 200
    clock.move(minutes=29)
    assert client.get("/work/").status_code == 200
    clock.move(minutes=2)
    assert client.get("/work/")["Location"] == ENDED


def test_g15_saved_data_do_not_make_a_session_longer(client: Client, clock: Clock) -> None:
    for _ in range(24):
        session = client.session
        session["anything"] = timezone.now().isoformat()
        session.save()
        clock.move(minutes=30)
    clock.move(minutes=1)
    assert client.get("/work/")["Location"] == ENDED


def test_g15_a_session_is_written_once_a_minute_at_most(client: Client, clock: Clock) -> None:
    client.get("/work/")

    def writes() -> list[str]:
        with CaptureQueriesContext(connection) as made:
            assert client.get("/work/").status_code == 200
        return [one["sql"] for one in made if "django_session" in one["sql"] and not one["sql"].startswith("SELECT")]

    assert writes() == []
    clock.move(seconds=50)
    assert writes() == []
    clock.move(seconds=15)
    (written,) = writes()
    assert written.startswith('UPDATE "django_session" SET "expire_date"')
    assert "session_data" not in written, "another request may be changing the data"
    assert writes() == []


def test_g15_an_open_editor_that_only_asks_keeps_nobody_signed_in(
    client: Client, clock: Clock, world: World, draft: CasePage
) -> None:
    assert client.get(f"/admin/pages/{draft.pk}/edit/").status_code == 200
    editing = EditingSession.objects.get(user=world.editor)
    ping = reverse("wagtailadmin_editing_sessions:ping", args=("casebook", "casepage", str(draft.pk), editing.pk))
    for _ in range(11):
        clock.move(minutes=5)
        assert client.post(ping).status_code == 200
    clock.move(minutes=6)
    assert client.post(ping).status_code != 200
    assert client.get("/work/").status_code == 302


def test_g15_what_a_page_asks_by_itself_keeps_nobody_signed_in(client: Client, clock: Clock) -> None:
    clock.move(minutes=40)
    assert client.get("/work/?unattended").status_code == 200
    assert client.get("/health/").status_code in (200, 503)
    assert client.get("/sw.js").status_code == 200
    clock.move(minutes=21)
    assert client.get("/work/").status_code == 302


def test_g15_every_page_that_asks_on_a_timer_says_so() -> None:
    """Whoever adds a timer to a page decides whether it holds a session open."""
    asking = set()
    for path in sorted(django_settings.ROOT.glob("*/static/**/*.js")):
        text = path.read_text("utf-8")
        if "fetch(" in text and re.search(r"setInterval\(|setTimeout\(look", text) and "unattended" not in text:
            asking.add(path.name)
    for path in sorted(django_settings.ROOT.glob("*/templates/**/*.html")):
        text = path.read_text("utf-8")
        if 'http-equiv="refresh"' in text and "unattended" not in text and path.name != "outage.html":
            asking.add(path.name)
    assert asking == set()


def test_g15_an_autosave_is_the_work_of_a_person(client: Client, clock: Clock, draft: CasePage) -> None:
    client.get(f"/admin/pages/{draft.pk}/edit/")
    clock.move(minutes=40)
    saved = client.post(
        f"/admin/pages/{draft.pk}/edit/", form_of(draft, lesson="还在写"), headers={"Accept": "application/json"}
    )
    assert saved.json()["success"]
    clock.move(minutes=40)
    assert client.get("/work/").status_code == 200


def test_g15_an_autosave_after_the_end_is_refused_in_words_and_saves_nothing(
    client: Client, clock: Clock, draft: CasePage
) -> None:
    revisions = draft.revisions.count()
    clock.move(minutes=61)
    answer = client.post(
        f"/admin/pages/{draft.pk}/edit/", form_of(draft, lesson="还在写"), headers={"Accept": "application/json"}
    )
    assert answer.status_code == 401
    told = answer.json()
    assert (told["success"], told["login"]) == (False, "/login/")
    assert (
        told["error"]
        == told["error_message"]
        == ("登录已经结束，这次没有保存。请在新的标签页里登录，再回到这里继续；您填写的内容还在。")
    )
    assert draft.revisions.count() == revisions


@pytest.mark.parametrize(
    "headers", [{"X-Fragment": "1"}, {"X-Private-Form": "1"}, {"X-Requested-With": "XMLHttpRequest"}]
)
def test_g15_scripts_are_told_with_401(client: Client, clock: Clock, headers: dict[str, str]) -> None:
    clock.move(minutes=61)
    answer = client.post("/file/", {"description": "厨房渗水"}, headers=headers)
    assert (answer.status_code, answer.json()["login"]) == (401, "/login/")
    assert not CasePage.objects.exists()


def test_g15_a_form_sent_after_the_end_comes_back_with_what_was_typed(
    client: Client, clock: Clock, draft: CasePage
) -> None:
    typed = "铲除空鼓，重做防水附加层，闭水四十八小时。" * 2
    revisions = draft.revisions.count()
    clock.move(minutes=61)
    answer = client.post(f"/admin/pages/{draft.pk}/edit/", form_of(draft, lesson=typed) | {"password1": "geheim"})
    page = answer.content.decode()
    assert answer.status_code == 401
    assert answer["Cache-Control"] == "private, no-store"
    assert f">{typed}</textarea>" in page
    assert f'action="/admin/pages/{draft.pk}/edit/"' in page
    assert 'href="/login/?ended=1" target="_blank"' in page
    assert "geheim" not in page
    assert draft.revisions.count() == revisions


def test_g15_a_button_pressed_after_the_end_leads_back_to_its_page(client: Client, clock: Clock) -> None:
    clock.move(minutes=61)
    answer = client.post("/operations/mail/1/", headers={"Referer": "http://testserver/work/?page=2#part"})
    assert (answer.status_code, answer["Location"]) == (302, "/login/?ended=1&next=/work/%3Fpage%3D2")


def test_g15_a_button_pressed_elsewhere_leads_nowhere_else(client: Client, clock: Clock) -> None:
    clock.move(minutes=61)
    answer = client.post("/operations/mail/1/", headers={"Referer": "https://elsewhere.example/work/"})
    assert answer["Location"] == "/login/?ended=1&next=/"


def test_g15_a_forged_form_is_refused_before_anything_is_shown(clock: Clock, world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.editor)
    clock.move(minutes=61)
    answer = client.post("/file/", {"description": "写在别处的文字，不该出现在我们的页面上"})
    assert answer.status_code == 403
    assert "写在别处的文字" not in answer.content.decode()


def test_g15_sessions_of_before_are_over(client: Client, world: World) -> None:
    row = Session.objects.get()
    data = row.get_decoded()
    del data[BEGAN]
    Session.objects.update(session_data=client.session.encode(data), expire_date=timezone.now() + timedelta(days=14))
    assert client.get("/work/")["Location"] == ENDED


def test_g15_disabled_and_enabled_again_the_old_session_is_over(client: Client, world: World) -> None:
    root = User.objects.create_superuser("keeper", password=SAMPLE_PASSWORD)
    deactivate(user=world.editor, by=root)
    User.objects.filter(pk=world.editor.pk).update(is_active=True)
    assert client.get("/work/")["Location"] == ENDED
    assert "在别处被结束" in client.get(ENDED).content.decode()
    client.force_login(User.objects.get(pk=world.editor.pk))
    assert client.get("/work/").status_code == 200


def test_g15_signing_in_begins_a_new_day(clock: Clock, world: World) -> None:
    client = Client()
    session = client.session
    session["of a visitor"] = 1
    session.save()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = str(session.session_key)
    clock.move(minutes=50)
    client.post("/login/", {"username": world.editor.username, "password": SAMPLE_PASSWORD})
    assert client.session[BEGAN] == pytest.approx(timezone.now().timestamp(), abs=5)


def test_g15_a_full_disk_ends_no_request(client: Client, clock: Clock) -> None:
    clock.move(minutes=40)
    with full_disk() as refused:
        assert client.get("/work/").status_code == 200
    assert [sql for sql in refused if "django_session" in sql]
    clock.move(minutes=21)
    assert client.get("/work/")["Location"] == ENDED
