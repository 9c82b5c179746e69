"""A site of its own for one test: web, worker and mail sender as processes, a folder, a browser with its profile.

What is entered is drawn anew in each run, so that nothing of an earlier one is found in the bytes afterwards.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import boto3
import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pypinyin import lazy_pinyin

from archives.factories import sample_identity
from estates.factories import SAMPLE_PASSWORD
from tests.acceptance.conftest import DESKTOP, FLAGS, press
from tests.acceptance.looking_through import look_through
from tests.acceptance.post_office import free_port
from tests.search.engines import ELASTICSEARCH_PORT, elasticsearch

ROOT = Path(__file__).parent.parent.parent
CHARACTERS = "璟翊煦珩昀澍霁旻祎翀骁彧晗曜琮珏睿湛钰弋"
SECONDS = 60


@dataclass(frozen=True)
class Secrets:
    """What is entered about one customer; drawn anew in each run, so that nothing of an earlier one is found."""

    name: str = field(default_factory=lambda: "示例" + "".join(random.sample(CHARACTERS, 3)))
    identity: str = field(default_factory=lambda: sample_identity(random.randrange(10_000)))
    phone: str = field(default_factory=lambda: f"139{random.randrange(10**8):08}")
    second_phone: str = field(default_factory=lambda: f"137{random.randrange(10**8):08}")
    address: str = field(
        default_factory=lambda: f"示例市{''.join(random.sample(CHARACTERS, 4))}路{random.randrange(999)}号"
    )
    second_address: str = field(
        default_factory=lambda: f"示例市{''.join(random.sample(CHARACTERS, 4))}巷{random.randrange(999)}号"
    )
    talk: str = field(default_factory=lambda: f"想换{''.join(random.sample(CHARACTERS, 5))}的门锁")

    @property
    def plain(self) -> list[str]:
        spelled = "".join(lazy_pinyin(self.name))
        return [self.name, self.identity, self.phone, self.second_phone, self.address, self.talk, spelled]

    @property
    def hashed(self) -> list[str]:
        initials = "".join(syllable[0] for syllable in lazy_pinyin(self.name))
        return [self.phone[-4:], self.identity[-4:], initials, self.name[:1], f"t{self.phone[-4:]}", f"h{self.phone}"]


@dataclass
class Site:
    var: Path
    environment: dict[str, str]

    @property
    def address(self) -> str:
        return self.environment["SITE_URL"]

    def manage(self, *command: str) -> str:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *command],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        with (self.var / "commands.log").open("a", encoding="utf-8") as log:
            log.write(done.stdout + done.stderr)
        return done.stdout

    @contextmanager
    def running(self) -> Iterator[None]:
        web = [sys.executable, "manage.py", "serve", "--listen", self.address.removeprefix("http://")]
        worker = [sys.executable, "manage.py", "db_worker", "--queue-name", "*"]
        sender = [sys.executable, "manage.py", "postman"]
        with (self.var / "web.log").open("ab") as log:
            running = [
                subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)  # noqa: S603
                for command in (web, worker, sender)
            ]
            try:
                self.wait()
                yield
            finally:
                for process in running:
                    process.send_signal(signal.SIGTERM)
                for process in running:
                    process.wait(30)

    def wait(self) -> None:
        until = time.monotonic() + SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"{self.address}/health/") as answer:  # noqa: S310
                    assert answer.status == 200
                    return
            except OSError:
                assert time.monotonic() < until, (self.var / "web.log").read_text("utf-8")[-2000:]
                time.sleep(0.3)


def bare_site(var: Path, **more: str) -> Site:
    """Its folder and its settings; nothing is in it."""
    var.mkdir()
    return Site(
        var,
        os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "cms.settings.production",
            "SECRET_KEY": "only-for-this-test-0123456789-0123456789-0123456789",
            "SECURE_COOKIES": "0",
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": f"http://127.0.0.1:{free_port()}",
            "ANJUAN_VAR": str(var),
            "MAIL_URL": f"file://{var / 'mail'}",
            "LOG_LEVEL": "DEBUG",
            "PYTHONUNBUFFERED": "1",
        }
        | more,
    )


def made_site(var: Path, **more: str) -> Site:
    site = bare_site(var, **more)
    site.manage("migrate", "-v0")
    site.manage("collectstatic", "--noinput", "-v0")
    site.manage("make_keys")
    site.manage("shell", "-v0", "-c", "from cms.sample_data import load_people; load_people()")
    return site


@dataclass
class Desk:
    """One browser with its profile on disk; people sign in after each other."""

    context: BrowserContext
    site: Site
    out: Path
    page: Page

    def sign_in(self, username: str) -> Page:
        self.context.clear_cookies()
        self.page.goto(f"{self.site.address}/login/")
        self.page.fill("#id_username", username)
        self.page.fill("#id_password", SAMPLE_PASSWORD)
        self.page.click("button.main")
        self.page.wait_for_url(f"{self.site.address}/work/")
        return self.page

    def post(self, path: str, name: str, **form: str) -> bytes:
        """As `fetch`; kept among what is looked at."""
        content = self.fetch(path, **form)
        (self.out / name).write_bytes(content)
        return content

    def fetch(self, path: str, **form: str) -> bytes:
        """What a button that answers with a file would bring."""
        token = self.page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value") or ""
        answer = self.page.request.post(
            f"{self.site.address}{path}",
            form={"csrfmiddlewaretoken": token, **form},
            headers={"Referer": self.site.address},
        )
        assert answer.status == 200, (path, answer.status)
        return answer.body()


def open_desk(site: Site, browser: Browser, out: Path) -> Desk:
    """A browser whose profile lies beside the site's folder, to be looked at like everything else."""
    context = browser.browser_type.launch_persistent_context(
        str(site.var.parent / "browser"),
        executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium",
        args=FLAGS,
        locale="zh-CN",
        **DESKTOP,
    )
    context.set_default_timeout(20_000)
    desk = Desk(context, site, out, context.new_page())
    desk.page.on("dialog", lambda dialog: dialog.accept())  # leaving a form that was not saved
    return desk


@pytest.fixture
def sqlite_site(tmp_path: Path) -> Site:
    return made_site(tmp_path / "var")


@pytest.fixture
def production_site(database: str, tmp_path: Path) -> Site:
    elasticsearch()  # skips where there is none
    return made_site(
        tmp_path / "var",
        DATABASE_URL=database,
        STORAGE_URL=f"s3://anjuan-test/{uuid4().hex}",
        ELASTICSEARCH_URL=f"http://127.0.0.1:{ELASTICSEARCH_PORT}",
        ELASTICSEARCH_ALIAS=f"privacy-{uuid4().hex[:12]}",
        S3_ENDPOINT="http://127.0.0.1:9345",
        S3_KEY="anjuan-test",
        S3_SECRET="anjuan-test-secret",
    )


def dump_database(site: Site, path: Path) -> bytes:
    """The site's PostgreSQL database as text, kept in the file."""
    dumped = subprocess.run(["pg_dump", site.environment["DATABASE_URL"]], capture_output=True, check=True)  # noqa: S603, S607
    path.write_bytes(dumped.stdout)
    return dumped.stdout


def fetch_bucket(site: Site, folder: Path) -> None:
    """Every object as the storage has it."""
    client = boto3.client(
        "s3",
        endpoint_url=site.environment["S3_ENDPOINT"],
        aws_access_key_id=site.environment["S3_KEY"],
        aws_secret_access_key=site.environment["S3_SECRET"],
        region_name="us-east-1",
    )
    prefix = site.environment["STORAGE_URL"].rpartition("/")[2]
    for one in client.list_objects_v2(Bucket="anjuan-test", Prefix=prefix)["Contents"]:
        path = folder / one["Key"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(client.get_object(Bucket="anjuan-test", Key=one["Key"])["Body"].read())


def open_dossier(desk: Desk, *, since: str = "") -> Page:
    """The editor opens a dossier for 3栋2单元1201 of the first estate. Returns the page on which the customer, or what
    stands against it, is asked for."""
    page = desk.sign_in("editor")
    page.goto(f"{desk.site.address}/archive/new/")
    page.fill("#estate-text", "yqw")
    page.get_by_role("option", name="云栖湾").click()
    page.fill("#id_unit_text", "3栋2单元1201")
    if since:
        page.fill("#id_opened_on", since)
    press(page, "下一步：录入客户资料")
    return page


def file_dossier(desk: Desk, address: str) -> str:
    """The archivist compares it and files it. Returns its number."""
    page = desk.page
    page.goto(f"{desk.site.address}{address}")
    look_through(page)
    press(page, "核对无误")
    press(page, "归档并给编号")
    number = re.search(r"YLW-DA-\d{4}-\d{5}", page.url)
    assert number is not None, page.url
    return number.group()
