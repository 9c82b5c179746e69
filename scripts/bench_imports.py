"""Handover lists and likely duplicates, measured: 50,000 rows with 3 % errors in, handed back, taken back; 2,000
planted pairs among 50,000 customers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from itertools import islice

from django.db import transaction

from archives.duplicate_samples import KINDS, make_crowd
from archives.duplicates import find_pairs
from archives.handover_samples import sample_rows, sample_table
from archives.models import DossierPage
from archives.services.taking_over import take_over
from estates.models import Estate, User
from exchange.import_report import sheet_of_problems, tally
from exchange.importing import begin, check_batch, go_on, start_batch

ROWS = int(os.environ.get("BENCH_ROWS", "50000"))
PAIRS = ROWS // 25
PART = 500


def bench_imports(sales: User, estate: Estate) -> None:
    table = sample_table(list(sample_rows(ROWS, ROWS * 3 // 100)))
    print(f"handover list of {ROWS:,} rows         {len(table) / 1e6:9.1f} MB")
    batch = start_batch(by=sales, kind="handover", options={"estate": estate.pk}, content=table)
    _timed("check (dry run)", lambda: check_batch(batch))
    batch.refresh_from_db()
    _timed("write", lambda: go_on(begin(by=sales, batch=batch, state="writing")))
    batch.refresh_from_db()
    stands = tally(batch)
    sheet = sheet_of_problems(batch)
    print(f"written {stands.made:,}, handed back {stands.bad:,} ({len(sheet) / 1e3:.0f} kB)")
    _timed("take back", lambda: go_on(begin(by=sales, batch=batch, state="undoing")))
    print(f"dossiers left                    {DossierPage.objects.filter(estate=estate).count():9}")


def _timed(words: str, act: Callable[[], object]) -> None:
    started = time.perf_counter()
    act()
    took = time.perf_counter() - started
    print(f"{words:<33}{took:9.1f} s      {ROWS / took:,.0f} rows a second")


def bench_duplicates(editor: User, estate: Estate) -> None:
    crowd = make_crowd(ROWS, PAIRS)
    row_of: dict[int, int] = {}
    arrivals = iter(crowd.arrivals)
    while part := list(islice(arrivals, PART)):
        with transaction.atomic():
            made = take_over(by=editor, estate=estate, arrivals=part, batch="bench")
        row_of |= {one.dossier: row for row, one in made}
    rows = {c: row_of[pk] for pk, c in DossierPage.objects.values_list("pk", "customer") if pk in row_of}
    started = time.perf_counter()
    found = {frozenset((rows[a], rows[b])) for a, b in find_pairs() if a in rows and b in rows}
    took = time.perf_counter() - started
    right = found & crowd.pairs.keys()
    print(f"duplicates among {len(rows):,}         {took:9.1f} s")
    print(f"{PAIRS:,} planted: recall {len(right) / PAIRS:.4f}, precision {len(right) / len(found):.4f}")
    for kind in KINDS:
        planted = [pair for pair, one in crowd.pairs.items() if one == kind]
        print(f"  {kind:<31}{len([pair for pair in planted if pair in found]) / len(planted):9.4f} found")
