"""E1: what is periodic happens by itself: claimed once, made up after a pause, and no failure stops the others."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.core.management import call_command, get_commands
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from casebook.factories import make_draft, submit
from casebook.models import CaseReview
from estates.calendar import is_workday
from estates.models import User
from running import acts as registry
from running.acts import Act, Daily, Every, acts, register_act
from running.models import PeriodicAct
from running.ticking import LEASE, run_due
from tests.conftest import World
from website.models import ArticlePage
from website.services.founding import found_website

ROOT = Path(__file__).parent.parent.parent
SHANGHAI = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=SHANGHAI)
SERVER = "postgres://anjuan@127.0.0.1:5445"


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No acts but the test's own."""
    monkeypatch.setattr(registry, "_acts", {})


def test_e1_every_command_that_the_guide_calls_periodic_is_registered() -> None:
    guide = (ROOT / "docs" / "administrators.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z_]+)[^|]*\| (.*) \|$", guide, re.MULTILINE)
    periodic = {name for name, what in rows if re.search(r"\b(daily|timer|by the tick)\b", what)}
    timers = {"remind", "clear_drafts", "magazine_daily", "remind_loans", "find_duplicates", "go_on_imports"}
    timers |= {"finish_disposals", "backup", "anchor_registers", "take_bounces"}
    assert timers <= periodic
    registered = {command for act in acts() for command in act.commands}
    assert periodic - {"tick"} <= registered
    assert registered <= set(get_commands())


def test_e1_a_missed_weekend_is_made_up_once(db: None, alone: None) -> None:
    ran: list[str] = []
    register_act(Act("daily", "d", lambda: ran.append("daily"), Daily(7, 30)))
    register_act(Act("workdays", "w", lambda: ran.append("workdays"), Daily(7, 30, only=lambda d: d.weekday() < 5)))
    assert len(run_due(FRIDAY)) == 2
    saturday = PeriodicAct.objects.get(pk="daily").due_at.astimezone(SHANGHAI)
    assert (saturday.date(), saturday.hour, saturday.minute) == (date(2026, 11, 21), 7, 30)
    assert PeriodicAct.objects.get(pk="workdays").due_at.astimezone(SHANGHAI).date() == date(2026, 11, 23)
    assert not run_due(FRIDAY + timedelta(hours=1))
    monday = datetime(2026, 11, 23, 14, 0, tzinfo=SHANGHAI)
    assert sorted(one.name for one in run_due(monday)) == ["daily", "workdays"]
    assert ran == ["daily", "workdays", "daily", "workdays"]
    assert not run_due(monday)
    assert PeriodicAct.objects.get(pk="daily").due_at.astimezone(SHANGHAI).date() == date(2026, 11, 24)


def test_e1_holidays_are_no_working_days(db: None) -> None:
    before = datetime(2026, 9, 30, 9, 0, tzinfo=SHANGHAI)
    assert Daily(7, 30, only=is_workday).after(before).astimezone(SHANGHAI).date() > date(2026, 10, 7)


def test_e1_a_failing_act_does_not_stop_the_others_and_is_seen(world: World, alone: None) -> None:
    ran: list[str] = []

    def fails() -> None:
        raise ValueError("张三 13900000000")

    register_act(Act("fails", "失败的", fails, Every(60)))
    register_act(Act("runs", "r", lambda: ran.append("r"), Every(60)))
    assert [(one.name, one.trouble) for one in run_due(FRIDAY)] == [("fails", "ValueError"), ("runs", "")]
    assert ran == ["r"]
    row = PeriodicAct.objects.get(pk="fails")
    assert (row.failures, row.trouble, row.due_at) == (1, "ValueError", FRIDAY + timedelta(minutes=1))
    assert [one.name for one in run_due(FRIDAY + timedelta(minutes=2))] == ["fails"]
    assert PeriodicAct.objects.get(pk="fails").due_at == FRIDAY + timedelta(minutes=7)
    client = Client()
    assert client.get("/health/").json()["failing_acts"] == 1
    User.objects.filter(pk=world.manager.pk).update(is_superuser=True)
    client.force_login(world.manager, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/status/").content.decode()
    assert "连续失败 2 次：ValueError" in page
    assert "13900000000" not in page
    client.force_login(world.editor, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/status/").status_code == 403
    with pytest.raises(CommandError, match="fails"):
        call_command("tick", "--act", "fails")


def test_e1_a_lease_that_ran_out_is_taken_over_and_a_living_one_is_not(db: None, alone: None) -> None:
    ran: list[str] = []
    register_act(Act("one", "1", lambda: ran.append("x"), Every(60)))
    PeriodicAct.objects.create(name="one", due_at=FRIDAY, holder=uuid4(), held_until=FRIDAY + LEASE)
    assert not run_due(FRIDAY + timedelta(minutes=4))
    assert not ran
    assert run_due(FRIDAY + LEASE)
    assert ran == ["x"]


def test_e1_reminders_go_out_by_the_tick_once(world: World, mailoutbox: list[object]) -> None:
    case = submit(make_draft(world.editor, world.estate, world.company.design), by=world.editor)
    User.objects.update(email="sample@example.invalid")
    CaseReview.objects.filter(case=case).update(due_on=timezone.localdate() - timedelta(days=5))
    call_command("tick", "--act", "remind")
    first = len(mailoutbox)
    call_command("tick", "--act", "remind")
    assert first > 0
    assert len(mailoutbox) == first


def test_e1_a_page_goes_live_and_ends_at_its_hour_and_a_record_has_no_hour(world: World) -> None:
    home = found_website()
    past = timezone.now() - timedelta(minutes=5)
    page = home.add_child(instance=ArticlePage(title="开放日", slug="open-day", live=False))
    page.go_live_at = timezone.now() + timedelta(seconds=1)
    revision = page.save_revision()
    revision.publish()
    assert not ArticlePage.objects.get(pk=page.pk).live
    time.sleep(1.1)
    case = make_draft(world.editor, world.estate, world.company.design)
    record = case.save_revision()
    type(record).objects.filter(pk=record.pk).update(approved_go_live_at=past)
    call_command("tick", "--act", "publish_due")
    assert ArticlePage.objects.get(pk=page.pk).live
    assert not type(case).objects.get(pk=case.pk).live
    ArticlePage.objects.filter(pk=page.pk).update(expire_at=past)
    call_command("tick", "--act", "publish_due")
    ended = ArticlePage.objects.get(pk=page.pk)
    assert (ended.live, ended.expired) == (False, True)


def test_e1_a_new_site_is_without_backup_and_says_so(world: World) -> None:
    assert Client().get("/health/").json()["backup"] is False
    assert "backup" not in [one.name for one in run_due()]


def test_e1_all_acts_run_on_an_empty_site(world: World) -> None:
    ended = run_due()
    assert [one for one in ended if one.trouble] == []
    assert {"remind", "publish_due", "anchor_registers", "clear_sessions"} <= {one.name for one in ended}


SLOW = """
import os, sys, time
import django
django.setup()
from pathlib import Path
from running import acts, ticking
acts._acts.clear()
log, pause = Path(sys.argv[1]), float(sys.argv[2])
def act():
    with log.open("a") as file:
        file.write(f"began {os.getpid()}\\n")
    time.sleep(pause)
    with log.open("a") as file:
        file.write(f"ended {os.getpid()}\\n")
acts.register_act(acts.Act("slow", "s", act, acts.Every(60)))
print([one.name for one in ticking.run_due()])
"""


def postgres() -> Iterator[str]:
    name = f"tick_{uuid4().hex[:12]}"
    try:
        with psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=3) as connection:
            connection.execute(f"CREATE DATABASE {name}")
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL: run `make services`")
    yield f"{SERVER}/{name}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    made = postgres() if request.param == "postgres" else iter([f"sqlite:///{tmp_path / 'site.sqlite3'}"])
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cms.settings.development",
        "ANJUAN_VAR": str(tmp_path),
        "DATABASE_URL": next(made),
        "PYTHONPATH": str(ROOT),
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "running", "-v0"], cwd=ROOT, env=environment, check=True)
    yield environment
    next(made, None)


def ticking(site: dict[str, str], log: Path, pause: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SLOW, str(log), str(pause)]
    return subprocess.Popen(command, cwd=ROOT, env=site, stdout=subprocess.PIPE, text=True)  # noqa: S603


def test_e1_two_ticks_at_once_do_it_once(site: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    both = [ticking(site, log, 2) for _n in range(2)]
    told = sorted(process.communicate()[0].strip() for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert told == ["['slow']", "[]"]
    assert len(log.read_text().splitlines()) == 2


def test_e1_killed_in_the_middle_it_is_done_again_when_the_lease_ends(site: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    first = ticking(site, log, 60)
    until = time.monotonic() + 60
    while not log.exists():
        assert time.monotonic() < until
        time.sleep(0.1)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    second = ticking(site, log, 0)
    assert second.communicate()[0].strip() == "[]", "the lease still holds"
    end_lease = (
        "import django; django.setup()\n"
        "from running.models import PeriodicAct\n"
        "from django.utils import timezone\n"
        "PeriodicAct.objects.update(held_until=timezone.now())\n"
    )
    subprocess.run([sys.executable, "-c", end_lease], cwd=ROOT, env=site, check=True)  # noqa: S603
    third = ticking(site, log, 0)
    assert third.communicate()[0].strip() == "['slow']"
    assert [line.split()[0] for line in log.read_text().splitlines()] == ["began", "began", "ended"]


def test_e1_forever_stops_when_told(site: dict[str, str]) -> None:
    calendar = [sys.executable, "manage.py", "migrate", "estates", "-v0"]
    subprocess.run(calendar, cwd=ROOT, env=site, check=True)  # noqa: S603
    process = subprocess.Popen(
        [sys.executable, "manage.py", "tick", "--forever"],
        cwd=ROOT,
        env=site | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert b": " in process.stdout.readline(), "it tells of its first act"
    process.send_signal(signal.SIGTERM)
    process.stdout.read()
    assert process.wait(60) == 0
