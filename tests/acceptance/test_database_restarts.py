"""PostgreSQL is stopped and started while people read and file: every process lives on, nothing that was answered as
saved is lost, each mail arrives once, and whoever asks meanwhile is told so in words.

`SOAK_OUTAGES` raises the count (`make soak`: ten).
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from scripts.demo import PROCESSES
from tests.acceptance.own_postgres import OwnPostgres, own_postgres
from tests.acceptance.own_site import ROOT, Site, bare_site
from tests.acceptance.post_office import PostOffice, open_office
from tests.acceptance.visitor import Answer, Visitor
from tests.faults.small_site import FURNISHING
from tests.search.engines import ELASTICSEARCH_PORT, elasticsearch

__all__ = ["own_postgres"]

OUTAGES = int(os.environ.get("SOAK_OUTAGES", "2"))
MODES = ("immediate", "fast")
SECONDS = 120
PAGES = ("/work/", "/search/?q=渗漏", "/lessons/", "/search/?q=没有这个词吧")
LOOPS = {"worker", "postman", "tick", "feed"}
LOOK_OFTEN = ("worker", "postman", "feed")
WORDS = "数据库暂时没有应答"
ADDRESSES = (
    "from django.db.models import F, Value; from django.db.models.functions import Concat;"
    "from casebook.models import SavedSearch; from estates.models import User;"
    "User.objects.update(email=Concat(F('username'), Value('@example.com')));"
    "SavedSearch.objects.create(user=User.objects.get(username='manager'), name='渗漏', asked='q=渗漏')"
)


@dataclass
class Load:
    """People at work until they are stopped: what they were answered, and what they were told is saved."""

    site: str
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    answers: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    submitted: list[str] = field(default_factory=list)
    number: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def running(self, *, readers: int = 3, writers: int = 2) -> Iterator[None]:
        visitors = [(self._read, Visitor(self.site, "designer")) for _ in range(readers)]
        visitors += [(self._write, Visitor(self.site, "editor")) for _ in range(writers)]
        threads = [threading.Thread(target=act, args=[visitor]) for act, visitor in visitors]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join()

    @property
    def saved(self) -> int:
        return len(self.drafts) + len(self.submitted)

    def _read(self, visitor: Visitor) -> None:
        for page in itertools.cycle(PAGES):
            if self.over.is_set():
                return
            self._note(page, lambda page=page: visitor.get(page), 200)  # type: ignore[misc]
            time.sleep(0.1)

    def _write(self, visitor: Visitor) -> None:
        while not self.over.is_set():
            self._file(visitor, *((self.drafts, "draft") if next(self.number) % 3 else (self.submitted, "submit")))

    def _file(self, visitor: Visitor, saved: list[str], action: str) -> None:
        """The same form until it is answered as saved, as its page does."""
        title = f"渗漏{uuid4().hex}"
        form = {"client_id": uuid4(), "title": title, "action": action, **FORM}
        while not self._note("/file/", lambda: visitor.post("/file/", form), 302):
            time.sleep(0.2)
            if self.over.is_set() or len(self.wrong) > 20:
                return
        with self.lock:
            saved.append(title)

    def _note(self, path: str, ask: Callable[[], Answer], right: int) -> bool:
        try:
            answer = ask()
        except OSError as error:
            answer = Answer(0, repr(error))
        told = answer.status == 503 and WORDS in answer.text and answer.retry_after == "5"
        with self.lock:
            self.answers[answer.status] += 1
            if answer.status != right and not told:
                self.wrong.append(f"{path} {answer.status} {answer.text[:300]}")
        return answer.status == right


FORM: dict[str, object] = {
    "estate": "",
    "unit_text": "3栋2单元1201",
    "record_date": "2026-11-20",
    "description": "阳台推拉门下口渗漏。",
    "lesson": "推拉门下框先做防水再装。",
    "no_photo_reason": "电话反映",
    "responsible_department": "",
    "to_design": "on",
}


@dataclass
class Processes:
    site: Site
    running: dict[str, subprocess.Popen[bytes]]

    def ended(self) -> dict[str, int]:
        return {name: code for name, one in self.running.items() if (code := one.poll()) is not None}

    def sizes(self) -> dict[str, int]:
        return {name: len(self._log(name)) for name in self.running}

    def say_so(self, since: dict[str, int]) -> bool:
        """Those that look often have met an error and will try again."""
        return all(f"{name}: OperationalError, again in" in self._log(name)[since[name] :] for name in LOOK_OFTEN)

    def _log(self, name: str) -> str:
        return (self.site.var / f"{name}.log").read_text("utf-8", "replace")

    def last_words(self) -> str:
        logs = [f"{name}: {self._log(name)[-1500:]}" for name in self.running]
        return "\n".join([f"ended: {self.ended()}", *logs])


@contextmanager
def whole_site(site: Site) -> Iterator[Processes]:
    """What `make demo` and compose start, the feed of the index among it."""
    commands = PROCESSES | {"feed": ["search", "feed"]}
    commands["web"] = ["serve", "--listen", site.address.removeprefix("http://")]
    running = {}
    for name, command in commands.items():
        with (site.var / f"{name}.log").open("wb") as log:
            full = [sys.executable, "manage.py", *command]
            running[name] = subprocess.Popen(full, cwd=ROOT, env=site.environment, stdout=log, stderr=log)  # noqa: S603
    processes = Processes(site, running)
    try:
        yield processes
    finally:
        for one in running.values():
            one.terminate()
        for one in running.values():
            one.wait(60)


def wait_until(question: Callable[[], object], what: Callable[[], object], seconds: float = SECONDS) -> None:
    until = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < until, what()
        time.sleep(0.2)


def health(site: Site) -> int:
    try:
        return Visitor(site.address).get("/health/").status
    except OSError:
        return 0


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with open_office() as office:
        yield office


@pytest.fixture
def site(own_postgres: OwnPostgres, office: PostOffice, tmp_path: Path) -> Site:
    elasticsearch()  # skips where there is none
    made = bare_site(
        tmp_path / "var",
        DATABASE_URL=own_postgres.url,
        ELASTICSEARCH_URL=f"http://127.0.0.1:{ELASTICSEARCH_PORT}",
        ELASTICSEARCH_ALIAS=f"restarts-{uuid4().hex[:12]}",
        MAIL_URL=f"smtp://127.0.0.1:{office.port}",
        MAIL_LEASE_SECONDS="5",
        MAIL_RETRY_SECONDS="1",
        TASK_LEASE_SECONDS="6",
        SEARCH_BY_MEANING="0",
        LOG_LEVEL="WARNING",
    )
    made.manage("migrate", "-v0")
    made.manage("shell", "-v0", "-c", FURNISHING + ADDRESSES)
    return made


def ask(database: OwnPostgres, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database.url) as connection:
        return connection.execute(sql.encode()).fetchall()


def one_outage(database: OwnPostgres, processes: Processes, load: Load, number: int) -> None:
    """Away until the site, the people and the loops know it; or back at once, in the middle of what they do."""
    mode, refused, saved = MODES[number % 2], load.answers[503], load.saved
    site, told = processes.site, processes.sizes()
    wait_until(lambda: load.saved > saved + 3, lambda: load.wrong)
    if number % 4 >= 2:
        database.restart(mode)
        return
    database.stop(mode)
    wait_until(lambda: health(site) == 503, lambda: "health is 200 without a database")
    wait_until(lambda: load.answers[503] >= refused + 5, lambda: load.answers)
    wait_until(lambda: processes.say_so(told), processes.last_words)
    database.start()
    wait_until(lambda: health(site) == 200, lambda: health(site))


def test_nothing_is_lost_and_nobody_dies(own_postgres: OwnPostgres, site: Site, office: PostOffice) -> None:
    [[FORM["estate"]]] = ask(own_postgres, "SELECT id FROM estates_estate WHERE code = 'YLW'")
    [[FORM["responsible_department"]]] = ask(
        own_postgres, "SELECT id FROM estates_department WHERE name = '设计管理部'"
    )
    load = Load(site.address)
    began = time.monotonic()
    with whole_site(site) as processes:
        wait_until(lambda: health(site) == 200, processes.last_words)
        with load.running():
            for number in range(OUTAGES):
                one_outage(own_postgres, processes, load, number)
            saved = load.saved
            wait_until(lambda: load.saved > saved + 3, lambda: load.wrong)
        assert not load.wrong, load.wrong[:5]
        assert not processes.ended(), processes.last_words()
        [[calm]] = ask(own_postgres, "SELECT now()::text")
        what_was_saved_is_there_once(own_postgres, load)
        each_mail_came_once(own_postgres, office, load)
        no_task_is_left(own_postgres, processes)
        the_index_knows_everything(own_postgres, site)
        everybody_lives(own_postgres, processes, since=str(calm))
    seconds = time.monotonic() - began
    print(
        f"\n{OUTAGES} restarts in {seconds:.0f} s: {dict(load.answers)}, {load.saved} saved, mails {len(office.taken)}"
    )


def everybody_lives(database: OwnPostgres, processes: Processes, *, since: str) -> None:
    """The very processes that were started, each with a sign of life since."""
    seen = f"SELECT DISTINCT kind FROM running_heartbeat WHERE seen_at > '{since}'"
    wait_until(lambda: {kind for (kind,) in ask(database, seen)} == LOOPS, lambda: ask(database, seen))
    wait_until(lambda: health(processes.site) == 200, processes.last_words)
    assert not processes.ended(), processes.last_words()


def what_was_saved_is_there_once(database: OwnPostgres, load: Load) -> None:
    rows = ask(
        database, "SELECT p.title, c.state FROM casebook_casepage c JOIN wagtailcore_page p ON c.page_ptr_id = p.id"
    )
    there = Counter(title for title, _state in rows)
    assert max(there.values()) == 1
    assert {title for title, state in rows if state == "in_review"} >= set(load.submitted)
    assert set(load.drafts) <= set(there)
    assert len(there) - load.saved <= OUTAGES * 2 + 2, "of the last forms, sent again in vain"


def each_mail_came_once(database: OwnPostgres, office: PostOffice, load: Load) -> None:
    mails = "SELECT state, count(*) FROM outputs_outgoingmail GROUP BY state"
    wait_until(
        lambda: {state for state, _n in ask(database, mails)} <= {"sent", "unknown"}, lambda: ask(database, mails)
    )
    states = {str(state): int(str(count)) for state, count in ask(database, mails)}
    [[due]] = ask(database, "SELECT count(*) FROM casebook_casepage WHERE state = 'in_review'")
    assert sum(states.values()) == due, "one for each case that waits for the manager"
    assert states.get("unknown", 0) <= OUTAGES, "one at most for each restart"
    told = Counter(number_in(content) for _sender, _to, content in office.taken)
    assert max(told.values()) == 1
    assert int(str(due)) - states.get("unknown", 0) <= len(told) <= int(str(due))


def number_in(content: bytes) -> str:
    found = re.search(r"YLW-AL-\d{4}-\d{5}", str(message_from_bytes(content, policy=default)["Subject"]))
    assert found, content
    return found.group()


def no_task_is_left(database: OwnPostgres, processes: Processes) -> None:
    tasks = "SELECT status, task_path, exception_class_path FROM django_tasks_database_dbtaskresult"
    wait_until(
        lambda: {row[0] for row in ask(database, tasks)} <= {"SUCCESSFUL"},
        lambda: (ask(database, tasks), processes.last_words()),
    )


def the_index_knows_everything(database: OwnPostgres, site: Site) -> None:
    waiting = "SELECT count(*) FROM search_outboxentry"
    wait_until(lambda: ask(database, waiting) == [(0,)], lambda: ask(database, waiting))
    told = site.manage("search", "verify")
    assert len(re.findall("缺 0 条，过时 0 条，多余 0 条", told)) == 2, told
