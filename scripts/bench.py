"""`make bench`: each figure beside its reference from the same run. Machines are noisy: read the ratios."""

from __future__ import annotations

import gc
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

os.environ["ANJUAN_VAR"] = tempfile.mkdtemp(prefix="anjuan-bench-")
os.environ["DJANGO_SETTINGS_MODULE"] = "cms.settings.development"

import django

django.setup()

from datetime import date

from django.conf import settings
from django.core.management import call_command
from django.http import HttpRequest
from django.test import Client
from django.urls import path
from wagtail.models import Page, Site
from wagtail.views import serve

import cms.urls
from casebook.factories import case_fields, make_draft, publish
from casebook.models import CasePage
from casebook.services.bulk import PublishedCase, file_published_cases
from cms.sample_data import CASES, load_people
from estates.models import Department, User
from scripts.bench_archives import bench_archives
from scripts.bench_imports import bench_duplicates, bench_imports
from scripts.bench_review import bench_reviews

CASES_IN_SEARCH = 5_000
ROUNDS = 60
DATA = Path(os.environ.get("ANJUAN_TEST_DATA", Path(__file__).parent.parent.parent / "shared"))


def cpu_ms(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median CPU milliseconds of one call, after a warm-up."""
    for _ in range(5):
        act()
    gc.collect()
    times = []
    for _ in range(rounds):
        started = time.process_time()
        act()
        times.append((time.process_time() - started) * 1000)
    return statistics.median(times)


def row(name: str, ours: float, reference: float, what: str, bound: str) -> None:
    print(f"{name:<34}{ours:8.1f} ms   {reference:8.1f} ms  x{ours / reference:5.2f}  {bound:<10}{what}")


def client_of(user: User) -> Client:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def stock_context(page: CasePage, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
    return {
        "case": page,
        "shown": page,
        "photos": list(page.photos.all()),
        "page": page,
        "self": page,
        "request": request,
    }


def bench_case_page(case: CasePage, designer: User) -> None:
    """Our view against Wagtail's route to the same page, rendered by the same template."""
    Site.objects.update_or_create(
        hostname="127.0.0.1", defaults={"root_page": case.get_ancestors()[0], "is_default_site": True}
    )
    CasePage.get_url_parts = Page.get_url_parts  # type: ignore[method-assign]
    CasePage.template = "casebook/case.html"
    CasePage.get_context = stock_context
    cms.urls.urlpatterns.append(path("wagtail/<path:path>", serve))
    client = client_of(designer)
    stock = f"/wagtail{case.url_path}"
    answer = client.get(stock)
    if answer.status_code != 200:
        print(f"case page by Wagtail's route: not measured, status {answer.status_code}")
        return
    ours = cpu_ms(lambda: client.get(f"/c/{case.number}/"))
    row("case page", ours, cpu_ms(lambda: client.get(stock)), "the same page by Wagtail's route", "<= 0.50")


def bench_filing(case: CasePage, editor: User) -> None:
    """Filing by the workbench form against a stock Wagtail save of the same page (add_child, revision)."""
    client = client_of(editor)
    folder = case.get_parent()
    fields = {"estate": case.estate_id, "record_date": "2026-11-20", "unit_text": "", "action": "draft"}
    texts = {
        name: value
        for name, value in case_fields(Department.objects.get(name="设计管理部")).items()
        if isinstance(value, str)
    }

    def by_form() -> None:
        answer = client.post("/file/", {**fields, **texts, "to_design": "on"})
        if answer.status_code != 302:
            raise RuntimeError(answer.content.decode()[:2000])

    def stock() -> None:
        parent = Page.objects.get(pk=folder.pk).specific
        page = CasePage(estate=case.estate, record_date=date(2026, 11, 20), owner=editor, live=False, **dict(texts))
        parent.add_child(instance=page)
        page.save_revision(user=editor, log_action="wagtail.edit")

    row("filing by form", cpu_ms(by_form), cpu_ms(stock), "a stock Wagtail save", "<= 1.20")


def bench_search(designer: User) -> None:
    missing = CASES_IN_SEARCH - CasePage.objects.count()
    lines = [line.split("\t") for line in CASES.read_text("utf-8").splitlines()]
    estates = load_people()[2]
    file_published_cases(
        [
            PublishedCase(
                estates[n % len(estates)],
                date(2024 + n % 3, 1 + n % 12, 1 + n % 28),
                {
                    "title": f"{lines[n % 60][0]}{n}",
                    "description": lines[n % 60][1] + lines[(n * 7) % 60][1],
                    "to_design": True,
                    "cause": lines[(n * 11) % 60][2],
                    "lesson": lines[(n * 13) % 60][3],
                    "category": lines[n % 60][5],
                },
                f"bench-{n}",
            )
            for n in range(missing)
        ],
        by=None,
    )
    client = client_of(designer)
    queries = [
        "渗漏",
        "地下车库 渗漏",
        "电梯",
        "止水带",
        "3栋2单元1201",
        "儿童 车道",
        "阳台 排水 倒灌",
        "水",
        "卫生间",
        "充电 车位",
    ]
    for query in queries:
        client.get("/search/", {"q": query})
    started = time.process_time()
    for _ in range(6):
        for query in queries:
            if client.get("/search/", {"q": query}).status_code != 200:
                raise RuntimeError(query)
    each = (time.process_time() - started) * 1000 / (6 * len(queries))
    print(f"search page at {CASES_IN_SEARCH:,} cases    {each:8.1f} ms CPU")
    print("  published for this size of machine when quiet: Plone 6 7, Paperless 42, stock Wagtail 101")


def bench_memory() -> None:
    """The web process as `make demo` starts it, after a hundred pages: resident memory."""
    address = "127.0.0.1:8399"
    command = [sys.executable, "manage.py", "serve", "--listen", address]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:  # noqa: S603  our own server
        try:
            for _ in range(100):
                ask_until_answered(f"http://{address}/login/")
            status = Path(f"/proc/{server.pid}/status").read_text("ascii")
            resident = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
            print(f"memory of a web process            {int(resident) // 1024:6} MB resident")
        finally:
            server.terminate()


def ask_until_answered(url: str) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  loopback
                answer.read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{url} does not answer")


def main() -> None:
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    call_command("migrate", verbosity=0)
    call_command("make_keys", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    settings.ALLOWED_HOSTS.append("127.0.0.1")
    company, staff, estates = load_people()
    designer = staff.by_kind["design"]
    draft = make_draft(staff.editor, estates[0], company.design, photos=2)
    case = publish(draft, by=staff.editor, manager=staff.manager, confirmer=designer)
    bench_filing(case, staff.editor)
    bench_search(designer)
    bench_case_page(case, designer)
    bench_reviews(staff.manager, designer, estates[5], client_of)
    bench_imports(User.objects.get(username="sales"), estates[1])
    bench_duplicates(staff.editor, estates[2])
    bench_archives(staff.editor, User.objects.get(username="archivist"), estates[0], client_of)
    bench_memory()
    for one in ("bench_slow_phones", "bench_bombs", "bench_table_bombs"):
        subprocess.run([sys.executable, "-m", f"scripts.{one}"], check=True)  # noqa: S603  sites of their own


if __name__ == "__main__":
    main()
