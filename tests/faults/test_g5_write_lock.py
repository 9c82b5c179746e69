"""G5: SQLite behind a long write: people read, whoever writes is told and loses nothing, what runs for ever lives on.

`SOAK_LOCK_SECONDS` holds the lock so long, against the wait that is usual (`make soak`: 40).
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from scripts.demo import PROCESSES
from tests.acceptance.post_office import free_port
from tests.acceptance.visitor import Visitor
from tests.faults.small_site import SmallSite, small_site, wait_until

HELD_SECONDS = float(os.environ.get("SOAK_LOCK_SECONDS", "4"))
WAIT = "" if "SOAK_LOCK_SECONDS" in os.environ else "?timeout=1"
PAGES = ("/work/", "/search/?q=渗漏", "/search/?q=没有这个词吧", "/lessons/", "/login/")
WORDS = "数据库暂时没有应答，这次没有保存。请过几秒再试。"
FORM: dict[str, object] = {
    "client_id": "00000000-0000-4000-8000-000000000001",
    "unit_text": "3栋2单元1201",
    "record_date": "2026-11-20",
    "description": "阳台推拉门下口渗漏，雨后积水。请先把这一段留着，不要丢。",
    "action": "draft",
}
LOOPS = {"worker", "postman", "tick"}


@pytest.fixture
def site(db: None, tmp_path: Path) -> SmallSite:
    port, file = free_port(), tmp_path / "var" / "anjuan.sqlite3"
    made = small_site(tmp_path / "var", SITE_URL=f"http://127.0.0.1:{port}", DATABASE_URL=f"sqlite:///{file}{WAIT}")
    made.furnish()
    return made


@contextmanager
def all_running(site: SmallSite) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """What `make demo` starts."""
    listen = site.environment["SITE_URL"].removeprefix("http://")
    commands = PROCESSES | {"web": ["serve", "--listen", listen]}
    with ExitStack() as stack:
        yield {name: stack.enter_context(site.running(*command)) for name, command in commands.items()}


@contextmanager
def write_lock(site: SmallSite, seconds: float) -> Iterator[None]:
    """Somebody else writes; at least so long, and until the block is through."""
    until = time.monotonic() + seconds
    with closing(sqlite3.connect(site.var / "anjuan.sqlite3", timeout=60, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        threading.Event().wait(max(until - time.monotonic(), 0))
        other.execute("ROLLBACK")


def health(site: SmallSite) -> int:
    try:
        return Visitor(site.environment["SITE_URL"]).get("/health/").status
    except OSError:
        return 0


def beats_after(site: SmallSite, moment: object) -> set[object]:
    return {kind for (kind,) in site.rows(f"SELECT kind FROM running_heartbeat WHERE seen_at > '{moment}'")}


def test_g5_behind_a_long_write_people_read_and_nothing_is_lost(site: SmallSite) -> None:
    [(estate,)] = site.rows("SELECT id FROM estates_estate WHERE code = 'YLW'")
    with all_running(site) as processes:
        wait_until(lambda: health(site) == 200, lambda: f"{site.log[-3000:]}")
        address = site.environment["SITE_URL"]
        reader, writer = Visitor(address, "designer"), Visitor(address, "editor")
        with write_lock(site, HELD_SECONDS):
            for page in PAGES:
                assert reader.get(page).status == 200, page
            wait_until(lambda: health(site) == 503, lambda: "health is 200 behind a write that goes on")
            refused = writer.post("/file/", FORM | {"estate": estate})
            assert (refused.status, refused.retry_after) == (503, "5"), refused.text[:2000]
            assert WORDS in refused.text
            assert str(FORM["description"]) in refused.text, "what was typed stands there, to be sent again"
            assert site.rows("SELECT count(*) FROM casebook_casepage") == [(0,)]
        assert writer.post("/file/", FORM | {"estate": estate}).status == 302
        assert site.rows("SELECT count(*) FROM casebook_casepage") == [(1,)]
        [(now,)] = site.rows("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")
        wait_until(lambda: beats_after(site, now) == LOOPS, lambda: f"{site.log[-3000:]}")
        wait_until(lambda: health(site) == 200, lambda: f"{site.log[-3000:]}")
        assert {name: one.poll() for name, one in processes.items()} == dict.fromkeys(processes)
    assert "postman: OperationalError, again in" in site.log
    assert "postman goes on" in site.log
