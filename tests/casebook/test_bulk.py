"""Filing by the batch writes what filing one by one writes: every table, and the tree."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import models
from wagtail.models import Page, PageLogEntry, ReferenceIndex, Revision

from casebook.models import CasePage, EstateFolderPage, MonthFolderPage
from casebook.models.cases import new_slug
from casebook.placing import month_folder
from casebook.services.bulk import PublishedCase, file_published_cases
from casebook.services.filing import set_state
from casebook.services.importing import import_cases
from casebook.vocabulary import RECORD_KIND, Origin, State
from estates.factories import make_estate
from estates.numbering import allot_number
from search.models import IndexedDocument
from tests.conftest import World

ROOT = Path(__file__).parent.parent.parent
CHANGING = {
    "id",
    "page_ptr_id",
    "path",
    "url_path",
    "slug",
    "translation_key",
    "pk",
    "uuid",
    "number",
    "label",
    "object_str",
    "digest",
}
MOMENTS = {"first_published_at", "last_published_at", "latest_revision_created_at", "timestamp", "created_at"}
POINTERS = {"latest_revision_id", "live_revision_id", "revision_id", "page_id", "object_id", "record_id", "source_id"}


def specimens(world: World, count: int) -> list[PublishedCase]:
    return [
        PublishedCase(
            world.estate,
            date(2026, 1 + n % 5, 1 + n % 28),
            {
                "title": f"渗漏 {n}",
                "description": f"第 {n} 处渗漏，3栋2单元120{n % 9}",
                "to_service": True,
                "stage": "occupancy",
            },
            source_id=f"s{n}",
        )
        for n in range(count)
    ]


def file_ordinarily(case: PublishedCase, world: World) -> CasePage:
    number = allot_number(estate=case.estate, kind=RECORD_KIND, record_date=case.record_date, by=world.manager)
    page = CasePage(
        number=number,
        slug=new_slug(),
        estate=case.estate,
        record_date=case.record_date,
        source_id=case.source_id,
        origin=Origin.IMPORTED,
        owner=world.manager,
        live=False,
        **case.fields,
    )
    month_folder(case.estate, case.record_date).add_child(instance=page)
    page.save_revision(user=world.manager).publish(user=world.manager, skip_permission_checks=True)
    filed = CasePage.objects.get(pk=page.pk)
    set_state(filed, State.PUBLISHED)
    return filed


def same_again(case: CasePage) -> PublishedCase:
    """A real imported case, to be filed a second time on an estate that has no folders yet."""
    fields = {
        name: getattr(case, name) for name in ("title", "description", "measure", "category", "stage", "to_service")
    }
    estate = make_estate(f"X{case.estate.code}", f"又一个{case.estate.name}")
    return PublishedCase(estate, case.record_date, fields, f"again-{case.source_id}")


def comparable(row: models.Model) -> dict[str, object]:
    values = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
    steady = {name: value for name, value in values.items() if name not in CHANGING | MOMENTS | POINTERS}
    return steady | {name: values[name] is not None for name in (MOMENTS | POINTERS) & set(values)}


def written(pages: list[CasePage]) -> list[list[dict[str, object]]]:
    """For each page all that was written for it, without what differs by nature (keys, moments)."""
    page_type = ContentType.objects.get_for_model(Page)
    found = []
    for page in pages:
        own = {"object_id": str(page.pk), "base_content_type": page_type}
        content = [json.loads(json.dumps(r.content, default=str)) for r in Revision.objects.filter(**own)]
        found.append(
            [
                comparable(CasePage.objects.get(pk=page.pk)),
                *({"keys": sorted(c), "description": c["description"], "title": c["title"]} for c in content),
                *map(comparable, PageLogEntry.objects.filter(page_id=page.pk).order_by("pk")),
                *map(comparable, ReferenceIndex.objects.filter(**own).order_by("model_path", "to_object_id")),
                *map(comparable, IndexedDocument.objects.filter(record_id=page.pk)),
            ]
        )
    return found


@pytest.mark.django_db(transaction=True)
def test_both_ways_write_the_same_rows(build: Callable[[], World]) -> None:
    world = build()
    cases = sorted(specimens(world, 50), key=lambda case: (case.folder, case.record_date, case.source_id))
    ordinary = [file_ordinarily(case, world) for case in cases]
    ordinary_rows, numbers = written(ordinary), [page.number for page in ordinary]
    folders = containers()
    for page in list(CasePage.objects.all()):
        page.delete()
    for page in list(EstateFolderPage.objects.all()):
        page.delete()
    bulk = file_published_cases(cases, by=world.manager)
    assert differences(written(bulk), ordinary_rows) == []
    assert differences(containers(), folders) == []
    assert [str(page.number)[-5:] for page in bulk] == [f"{int(str(n)[-5:]) + 50:05}" for n in numbers]
    assert Page.find_problems() == ([], [], [], [], [])


@pytest.mark.django_db(transaction=True)
def test_a_page_filed_by_the_batch_can_be_edited_and_gets_siblings(build: Callable[[], World]) -> None:
    world = build()
    [page] = file_published_cases(specimens(world, 1), by=world.manager)
    fresh = CasePage.objects.get(pk=page.pk)
    fresh.lesson = "补写的经验"
    fresh.save_revision(user=world.manager).publish(user=world.manager, skip_permission_checks=True)
    file_ordinarily(specimens(world, 6)[5], world)
    assert CasePage.objects.get(pk=page.pk).lesson == "补写的经验"
    assert Page.find_problems() == ([], [], [], [], [])


@pytest.mark.django_db(transaction=True)
def test_the_real_complaints_come_in_once_and_twenty_times_as_fast(
    test_data: Path, build: Callable[[], World], record_property: Callable[[str, object], None]
) -> None:
    world = build()
    lines = (test_data / "data" / "complaints.jsonl").read_text("utf-8").splitlines()
    started = time.process_time()
    report = import_cases(lines)
    bulk_rate = report.filed / (time.process_time() - started)
    assert (report.filed, report.errors) == (1914, [])
    again = import_cases(lines)
    assert (again.filed, again.known, CasePage.objects.count()) == (0, 1914, 1914)
    assert CasePage.objects.filter(origin=Origin.IMPORTED, live=True, lesson="", number__isnull=False).count() == 1914
    assert Page.find_problems() == ([], [], [], [], [])
    sample = [same_again(case) for case in CasePage.objects.order_by("pk")[::40]]
    started = time.process_time()
    for case in sample:
        file_ordinarily(case, world)
    ordinary_rate = len(sample) / (time.process_time() - started)
    print(f"\nimport {bulk_rate:.0f}/s, one by one {ordinary_rate:.1f}/s: x{bulk_rate / ordinary_rate:.1f} of CPU time")
    record_property("ratio", bulk_rate / ordinary_rate)


def filed_so_far(database: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as reader:
            return int(reader.execute("SELECT count(*) FROM casebook_casepage").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_an_import_killed_half_way_goes_on_where_it_was(test_data: Path, tmp_path: Path) -> None:
    environment = os.environ | {"ANJUAN_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "cms.settings.development"}
    environment.pop("DATABASE_URL", None)

    def manage(*arguments: str) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *arguments]

    def run(*arguments: str) -> str:
        return subprocess.run(  # noqa: S603  our own command
            manage(*arguments), env=environment, check=True, capture_output=True, text=True
        ).stdout

    run("migrate", "--verbosity", "0")
    file = str(test_data / "data" / "complaints.jsonl")
    database = tmp_path / "anjuan.sqlite3"
    with subprocess.Popen(manage("import_cases", file), env=environment, stderr=subprocess.DEVNULL) as importing:  # noqa: S603
        while not filed_so_far(database) and importing.poll() is None:
            time.sleep(0.01)
        importing.kill()
    before = filed_so_far(database)
    assert 0 < before < 1914
    assert f"新建 {1914 - before}，已有 {before}，" in run("import_cases", file)
    assert "新建 0，已有 1914，" in run("import_cases", file)
    assert "No problems found" in run("fixtree")
    with closing(sqlite3.connect(database)) as reader:
        indexed, numbers = reader.execute(
            "SELECT (SELECT count(*) FROM search_indexeddocument), (SELECT count(*) FROM estates_numberentry)"
        ).fetchone()
    assert (indexed, numbers) == (1914, 1914)


def test_progress_tells_of_every_line(foundation: None) -> None:
    lines = [
        '{"id": "1", "time": "2026/01/02 08:00:00", "title": "A7县某小区漏水", "text": "顶楼漏水"}',
        "",
        '{"id": "2", "housing": false}',
        "not json",
        '{"id": "1", "time": "2026/01/02 08:00:00", "title": "A7县某小区漏水", "text": "顶楼漏水"}',
    ]
    told: list[int] = []
    import_cases(lines, progress=told.append)
    assert sum(told) == len(lines)


def test_a_dry_run_writes_nothing_and_names_every_bad_line(foundation: None) -> None:
    lines = [
        '{"id": "1", "time": "2026/01/02 08:00:00", "title": "A7县某小区漏水", "text": "顶楼漏水，电话13800000001"}',
        "not json",
        '{"id": "2", "time": "never", "title": "x", "text": "y"}',
        '{"id": "3", "time": "2026-01-02", "title": "x", "text": ""}',
        '{"id": "4", "time": "2999-01-02", "title": "x", "text": "y"}',
    ]
    report = import_cases(lines, dry_run=True)
    assert (report.filed, report.masked, CasePage.objects.count()) == (1, 1, 0)
    assert [error.split("：")[0] for error in report.errors] == ["第 2 行", "第 3 行", "第 4 行", "第 5 行"]
    import_cases(lines)
    case = CasePage.objects.get()
    assert case.description == "顶楼漏水，电话***"
    assert (case.estate.code, case.estate.name, case.number) == ("A7", "A7县", "A7-AL-2026-00001")


def test_an_estate_that_exists_keeps_its_name(foundation: None) -> None:
    make_estate("A7", "云栖湾")
    import_cases(['{"id": "1", "time": "2026-01-02", "title": "A7县漏水", "text": "漏水"}'])
    assert CasePage.objects.get().estate.name == "云栖湾"


def containers() -> list[list[dict[str, object]]]:
    """Each container's row."""
    pages = [*EstateFolderPage.objects.order_by("path"), *MonthFolderPage.objects.order_by("path")]
    return [[comparable(page)] for page in pages]


def differences(left: list[list[dict[str, object]]], right: list[list[dict[str, object]]]) -> list[str]:
    """What differs, page by page, in few words."""
    found = []
    for ours, theirs in zip(left, right, strict=True):
        if len(ours) != len(theirs):
            found.append(f"{len(ours)} rows against {len(theirs)}")
        for a, b in zip(ours, theirs, strict=False):
            found += [
                f"{name}: {a.get(name)!r} against {b.get(name)!r}" for name in {*a, *b} if a.get(name) != b.get(name)
            ]
    return found
