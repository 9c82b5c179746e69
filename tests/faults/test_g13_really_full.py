"""G13 on the site as it is served: its disk takes nothing more while people are at work, and then there is room again.

By a limit on the process, which can be set everywhere; and on a small file system that is filled, where one may be
mounted.
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest

from media.factories import draw_photo
from tests.acceptance.post_office import free_port
from tests.acceptance.visitor import Visitor
from tests.faults.small_site import SmallSite, small_site, wait_until

PAGES = ("/work/", "/search/?q=渗漏", "/search/?q=没有这个词吧", "/lessons/")
WORDS = "磁盘已满"
SMALLEST = 4_096
MEGABYTES = 96
FORM: dict[str, object] = {
    "unit_text": "3栋2单元1201",
    "record_date": "2026-11-20",
    "description": "阳台推拉门下口渗漏，雨后积水。" * 200,
    "action": "draft",
}


class Disk(Protocol):
    def fill(self, process: int) -> None: ...

    def free(self, process: int) -> None: ...


class Limit:
    """The process may write no file beyond its first 4 kB: every write fails as on a full disk."""

    def fill(self, process: int) -> None:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (SMALLEST, resource.RLIM_INFINITY))

    def free(self, process: int) -> None:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class Small:
    """A file system without a byte left."""

    def __init__(self, folder: Path) -> None:
        self.ballast = folder / "ballast"

    def fill(self, process: int) -> None:
        with self.ballast.open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while file.write(b"x" * size):
                        pass
                except OSError:
                    continue

    def free(self, process: int) -> None:
        self.ballast.unlink()


def mount(folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)]
    return os.getuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


def unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607


def may_mount() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        done = mount(Path(folder))
        if done:
            unmount(Path(folder))
    return done


KINDS = ("limit", "small") if may_mount() else ("limit",)


@contextmanager
def mounted(folder: Path) -> Iterator[Small]:
    folder.mkdir()
    assert mount(folder)
    try:
        yield Small(folder)
    finally:
        unmount(folder)


@pytest.fixture(params=KINDS)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    if request.param == "limit":
        (tmp_path / "disk").mkdir()
        yield Limit()
        return
    with mounted(tmp_path / "disk") as small:
        yield small


@pytest.fixture
def site(disk: Disk, db: None, tmp_path: Path) -> SmallSite:
    address = f"http://127.0.0.1:{free_port()}"
    made = small_site(tmp_path / "disk" / "var", SITE_URL=address, DISK_MIN_FREE_MB="4")
    made.furnish()
    return made


def failing(site: SmallSite) -> list[str] | None:
    """What health names; None as long as nobody answers."""
    try:
        told = Visitor(site.environment["SITE_URL"]).get("/health/")
    except OSError:
        return None
    return list(json.loads(told.text)["failing"]) if told.status in (200, 503) else None


def stored(site: SmallSite) -> list[Path]:
    return sorted(path for path in (site.var / "files").rglob("*") if path.is_file())


def in_database(site: SmallSite) -> list[tuple[object, ...]]:
    cases = "SELECT (SELECT count(*) FROM casebook_casepage), (SELECT count(*) FROM media_photo)"
    return site.rows(cases)


def photo(estate: object) -> tuple[str, dict[str, object], str, bytes]:
    return "/file/photos/", {"client_id": uuid4(), "estate": estate, **FORM}, "a.jpg", draw_photo(7)


def until_refused(ask: Callable[[], int]) -> int:
    """A file that was made larger before has room for a little more: how often it was still taken."""
    taken = 0
    while (status := ask()) != 507:
        assert status in (200, 302), status
        taken += 1
        assert taken < 200
    return taken


def test_g13_reading_goes_on_writing_says_so_and_afterwards_all_is_whole(site: SmallSite, disk: Disk) -> None:
    [(estate,)] = site.rows("SELECT id FROM estates_estate WHERE code = 'YLW'")
    address = site.environment["SITE_URL"]
    with site.running("serve", "--listen", address.removeprefix("http://")) as web:
        wait_until(lambda: failing(site) == [], lambda: f"{failing(site)} {site.log[-3000:]}")
        reader, writer = Visitor(address, "designer"), Visitor(address, "editor")
        assert writer.post("/file/", {"client_id": uuid4(), "estate": estate, **FORM}).status == 302
        assert writer.send(*photo(estate)).status == 200
        disk.fill(web.pid)
        try:
            wait_until(lambda: set(failing(site) or []) >= {"files", "database"}, lambda: f"{failing(site)}")
            taken = refused_in_words(writer, estate)
            files, rows = stored(site), in_database(site)
            assert rows == [(1 + taken, 1)]
            assert writer.send(*photo(estate)).status == 507
            for page in PAGES:
                assert reader.get(page).status == 200, page
            assert Visitor(address, "manager").get("/work/").status == 200, "signing in goes on"
            assert (stored(site), in_database(site)) == (files, rows), "nothing half-written stays"
        finally:
            disk.free(web.pid)
        wait_until(lambda: failing(site) == [], lambda: f"{failing(site)} {site.log[-3000:]}")
        assert writer.post("/file/", {"client_id": uuid4(), "estate": estate, **FORM}).status == 302
        assert writer.send(*photo(estate)).status == 200
        assert in_database(site) == [(2 + taken, 2)]
        assert len(stored(site)) == 2 * len(files)
        assert web.poll() is None
    with closing(sqlite3.connect(site.var / "anjuan.sqlite3")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def refused_in_words(writer: Visitor, estate: object) -> int:
    taken = until_refused(lambda: writer.post("/file/", {"client_id": uuid4(), "estate": estate, **FORM}).status)
    refused = writer.post("/file/", {"client_id": uuid4(), "estate": estate, **FORM})
    assert (refused.status, refused.retry_after) == (507, "60")
    assert WORDS in refused.text
    assert str(FORM["description"]) in refused.text
    return taken
