"""`make bench-search`: quality and parity on the judged sets, then speed and size as the index grows.

SIZES (default 100000) names the numbers of cases, ENGINES the engines, PARTS what is measured. The site's own database
is SQLite, or PostgreSQL by DATABASE_URL (an empty database); Elasticsearch needs ELASTICSEARCH_URL. Machines are noisy:
read the ratios. What is printed goes to docs/benchmarks/search.md by hand, with the machine.
"""

from __future__ import annotations

import json
import os
import platform
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

FOLDER = tempfile.TemporaryDirectory(prefix="anjuan-bench-search-")
VAR = Path(FOLDER.name)
os.environ["ANJUAN_VAR"] = str(VAR)
os.environ["DJANGO_SETTINGS_MODULE"] = "cms.settings.development"

import django
import numpy as np

django.setup()

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import Client

from casebook.models import CasePage
from casebook.policies import audience_tokens
from casebook.services.bulk import PublishedCase, file_published_cases
from casebook.suggesting import suggestions_for
from cms.sample_data import load_people
from estates.models import Estate
from search import index, searching, upkeep
from search.documents import Document
from search.engines import Engine, database_engine
from search.engines.apart import NoSuchServer, engine_apart
from search.engines.elastic import ElasticsearchEngine
from search.engines.server import client
from search.evaluation import Outcome, evaluate, figures, group_of, number_in
from search.language import parse
from search.meaning.encoder import DIMENSIONS, Meaning, NoEncoder, encoder
from search.models import DocumentMeaning, IndexedDocument
from search.streams import entry_of

DATA = Path(os.environ.get("ANJUAN_TEST_DATA", Path(__file__).parent.parent.parent / "shared"))
SIZES = [int(size) for size in os.environ.get("SIZES", "100000").split(",")]
PARTS = os.environ.get("PARTS", "quality,indexing,scale,meaning").split(",")
ENGINES = os.environ.get("ENGINES", "sqlite,postgresql,elasticsearch").split(",")
SERVER = settings.ELASTICSEARCH_URL if "elasticsearch" in ENGINES else ""
BATCH = 500
DOCUMENT = 130
"""Characters of a case, as measured cases are."""

ASKED = 200
GROUPS = ("questions", "keywords", "cross-script")


def quality() -> None:
    """The even queries of the judged sets, on every engine that is there, and how often their first ten agree."""
    answers: dict[str, dict[str, list[Outcome]]] = {}
    for name in ENGINES:
        try:
            with engine_apart(name) as engine:
                answers[name] = evaluate(engine, DATA / "eval", wanted=lambda query: number_in(query.id) % 2 == 0)
        except NoSuchServer as missing:
            print(f"{name}: not measured, set {missing}")
            continue
        tell_quality(name, answers[name])
    first, *others = answers
    for other in others:
        pairs = [
            (mine.found, theirs.found)
            for set_name, outcomes in answers[first].items()
            for mine, theirs in zip(outcomes, answers[other][set_name], strict=True)
        ]
        same = sum(mine == theirs for mine, theirs in pairs)
        print(f"first ten of {other} as of {first}: {100 * same / len(pairs):.2f} % of {len(pairs)}")


def tell_quality(name: str, outcomes: dict[str, list[Outcome]]) -> None:
    sets = figures(outcomes)
    for group in GROUPS:
        rows = [row for set_name, row in sets.items() if group_of(set_name) == group]
        at_1, at_10 = (statistics.fmean(row[measure] for row in rows) for measure in ("r@1", "r@10"))
        print(f"{name:<14} {group:<13} R@1 {at_1:.3f}  R@10 {at_10:.3f}")
    times = [outcome.ms for rows_of_set in outcomes.values() for outcome in rows_of_set]
    print(f"{name:<14} {len(times)} queries, {spread(times)}", flush=True)


def spread(times: list[float]) -> str:
    ordered = sorted(times)
    return f"p50 {statistics.median(ordered):.1f} ms, p95 {ordered[int(0.95 * len(ordered))]:.1f} ms"


def texts() -> Iterator[str]:
    """Case-like texts without end, cut from real complaints."""
    dice = random.Random(5)  # noqa: S311
    whole = [json.loads(line)["text"] for line in (DATA / "data/complaints.jsonl").read_text("utf-8").splitlines()]
    long = [text for text in whole if len(text) > DOCUMENT]
    while True:
        text = dice.choice(long)
        start = dice.randrange(len(text) - DOCUMENT + 1)
        yield text[start : start + DOCUMENT]


def cases(count: int, estates: list[Estate]) -> Iterator[PublishedCase]:
    supply, today = texts(), date(2026, 11, 20)
    for number in range(count):
        text = next(supply)
        unit = f"{1 + number % 30}栋{1 + number % 4}单元{1 + number % 33}{number % 10:02}"
        fields = {"title": text[:20], "description": f"{unit}，{text}", "to_design": True, "category": "building"}
        yield PublishedCase(
            estates[number % len(estates)], today - timedelta(days=number % 1500), fields, f"bench-{number}"
        )


def keyword_queries() -> list[str]:
    dice, supply = random.Random(9), texts()  # noqa: S311
    found = []
    for _ in range(ASKED):
        text = next(supply)
        places = [dice.randrange(len(text) - 3) for _ in range(2)]
        found.append(" ".join(text[place : place + dice.choice((2, 2, 3))] for place in places))
    return found


def timed(act: Callable[[str], object], queries: list[str]) -> list[float]:
    for query in queries[:5]:
        act(query)
    times = []
    for query in queries:
        started = time.perf_counter()
        act(query)
        times.append((time.perf_counter() - started) * 1000)
    return times


def scale(size: int) -> None:
    """So many cases in the site's own database, then in Elasticsearch: indexing, size, search called and over HTTP."""
    file_cases(size)
    own = database_engine()
    print(f"database with index on disk: {megabytes_of_database():,.0f} MB")
    latency(own)
    if "meaning" in PARTS:
        meaning()
    if SERVER:
        with elasticsearch_serving() as engine:
            latency(engine)


def file_cases(size: int) -> None:
    """Cases up to so many; what an earlier size filed is there already."""
    there = CasePage.objects.count()
    supply = islice(cases(size, load_people()[2]), there, None)
    started = time.process_time()
    done = 0
    while batch := list(islice(supply, BATCH)):
        file_published_cases(batch, by=None)
        done += len(batch)
    rate = done / (time.process_time() - started)
    print(f"\n{there + done:,} cases; filed and indexed {rate:.0f}/s of CPU time", flush=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as autovacuum does by itself after a while
        database_engine().settle()


def megabytes_of_database() -> float:
    if connection.vendor == "sqlite":
        return sum(path.stat().st_size for path in VAR.glob("anjuan.sqlite3*")) / 1e6
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return float(cursor.fetchone()[0]) / 1e6


@contextmanager
def elasticsearch_serving() -> Iterator[ElasticsearchEngine]:
    """The site answers from Elasticsearch, filled from its records, until the end of the block."""
    settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_ALIAS = SERVER, "anjuan-bench"
    engine = ElasticsearchEngine(client(), settings.ELASTICSEARCH_ALIAS)
    try:
        started = time.perf_counter()
        count = upkeep.rebuild_elasticsearch(engine, lambda done: None)
        print(
            f"elasticsearch: rebuilt from {count:,} records, {count / (time.perf_counter() - started):,.0f}/s", end=""
        )
        store = engine.client.indices.stats(index=engine.alias, metric="store")["_all"]["total"]["store"]
        print(f"; {store['size_in_bytes'] / 1e6:,.0f} MB on disk", flush=True)
        yield engine
    finally:
        engine.drop()
        settings.ELASTICSEARCH_URL = ""


def latency(engine: Engine) -> None:
    designer = get_user_model().objects.get(username="designer")
    audience = audience_tokens(designer)
    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(designer, backend="django.contrib.auth.backends.ModelBackend")
    units = [f"{1 + n % 30}栋{1 + n % 4}单元{1 + n % 33}{n % 10:02}" for n in range(ASKED)]
    for name, queries in (("keywords", keyword_queries()), ("units", units)):
        called = timed(lambda text: searching.search(engine, parse(text, audience=audience)), queries)
        served = timed(lambda text: browser.get("/search/", {"q": text}), queries)
        ratio = statistics.median(served) / statistics.median(called)
        told = f"called {spread(called)} · over HTTP {spread(served)} · x{ratio:.2f} (<= 3)"
        print(f"{engine.name:<14} {name:<9} {told}", flush=True)
    typed = begun()
    called = timed(lambda text: suggestions_for(get_user_model().objects.get(pk=designer.pk), text), typed)
    served = timed(lambda text: browser.post("/search/suggest/", {"q": text}), typed)
    print(f"{engine.name:<14} suggest   called {spread(called)} · over HTTP {spread(served)} (aim 50)", flush=True)


def begun() -> list[str]:
    """What stands in the box as people type: one to four characters of a title, of a home, of an estate's pinyin."""
    dice, supply = random.Random(11), texts()  # noqa: S311
    found = [next(supply)[: 1 + n % 4] for n in range(ASKED)]
    found += [f"{dice.randrange(1, 31)}栋{dice.randrange(1, 5)}单元{dice.choice(('', '1', '12'))}" for _ in range(40)]
    return [*found, *(["y", "yq", "yqw", "yunqi", "hty", "电", "渗漏", "YLW-AL-2026-0"] * 5)]


def meaning() -> None:
    """The exact scan of the database engines, over vectors drawn at random; and the encoder, where it is installed."""
    dice, rows = np.random.default_rng(3), IndexedDocument.objects.values_list("kind", "record_id")
    DocumentMeaning.objects.all().delete()
    stored = list(rows)
    for start in range(0, len(stored), BATCH):
        DocumentMeaning.objects.bulk_create(
            DocumentMeaning(
                kind=kind,
                record_id=pk,
                model="drawn",
                digest="",
                vector=dice.integers(-127, 128, DIMENSIONS, "int8").tobytes(),
            )
            for kind, pk in stored[start : start + BATCH]
        )
    engine = database_engine()
    designer = get_user_model().objects.get(username="designer")
    selection = parse("", audience=audience_tokens(designer)).selection
    questions = [Meaning("drawn", dice.integers(-127, 128, DIMENSIONS, "int8").tobytes()) for _ in range(ASKED)]
    before, started = resident_megabytes(), time.perf_counter()
    engine.nearest(selection, questions[0], 50)
    read = time.perf_counter() - started
    grown = resident_megabytes() - before
    times = []
    for question in questions:
        started = time.perf_counter()
        engine.nearest(selection, question, 50)
        times.append((time.perf_counter() - started) * 1000)
    cost = f"{len(stored):,} vectors read in {read:.1f} s, {grown:,.0f} MB"
    print(f"{engine.name:<14} meaning   {cost}; nearest 50: {spread(times)}")
    print(f"{engine.name:<14} database with vectors on disk: {megabytes_of_database():,.0f} MB", flush=True)
    settings.SEARCH_BY_MEANING = True
    try:
        by = encoder()
    except NoEncoder as lack:
        print(f"encoder: {lack}")
        return
    supply = texts()
    asked = timed(by.of_question, [next(supply)[:12] for _ in range(50)])
    batch, started = [next(supply) for _ in range(64)], time.perf_counter()
    by.of_records(batch)
    print(
        f"encoder        question {spread(asked)}; records {len(batch) / (time.perf_counter() - started):.1f}/s",
        flush=True,
    )


def resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def indexing(name: str) -> None:
    """Documents a second into an index of its own: streams made and stored, and stored only."""
    supply = texts()
    documents = [
        Document("case", n, text[:20], text, date(2026, 1, 1), frozenset({"staff"}))
        for n, text in zip(range(10_000), supply, strict=False)
    ]
    try:
        with engine_apart(name) as engine:
            started = time.perf_counter()
            for document in documents:
                entry_of(document)
            making = time.perf_counter() - started
            engine.put(documents)
            both = time.perf_counter() - started - making
    except NoSuchServer:
        return
    rates = f"{len(documents) / both:,.0f} documents/s (aim 1,000)"
    print(f"{name:<14} indexing {rates}; the engine alone {len(documents) / max(both - making, 1e-9):,.0f}/s")


def main() -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    settings.SEARCH_BY_MEANING = False  # cases are measured without; `meaning` switches it on for itself
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    settings.ALLOWED_HOSTS.append("127.0.0.1")
    if "quality" in PARTS:
        quality()
    if "indexing" in PARTS:
        for name in ENGINES:
            indexing(name)
    settings.ELASTICSEARCH_URL = ""  # the site on its own database, until `scale` turns to Elasticsearch
    if "scale" in PARTS:
        for size in SIZES:
            scale(size)
    print(f"index sound: {index.is_sound()}", file=sys.stderr)


if __name__ == "__main__":
    main()
