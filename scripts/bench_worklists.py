"""The lists that everybody opens first, measured with many records: my work, duplicates, gaps, home, dossiers.

    DATABASE_URL=… BENCH_RECORDS=100000 python -m scripts.bench_worklists

Fills an empty database once (rows in bulk, without opening or sealing what no list shows) and prints for each page and
role the median and the slowest of ROUNDS requests, how many queries it took, and the same as JSON at the end.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta

os.environ.setdefault("ANJUAN_VAR", tempfile.mkdtemp(prefix="anjuan-bench-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.development")

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from archives.models import Handover
from archives.worklist_samples import BATCH, pair_customers, write_dossiers
from casebook.factories import make_draft
from casebook.models import CasePage
from estates.bulk_pages import insert_pages
from estates.factories import make_company, make_estate, make_person
from estates.models import Department, Estate, User
from estates.roles import Role
from estates.work import parts_of
from vault.keyring import make_keys

RECORDS = int(os.environ.get("BENCH_RECORDS", "100000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
PAGES = {
    "home": "/",
    "my work": "/work/",
    "dossiers": "/archive/",
    "duplicates": "/archive/duplicates/",
    "gaps": "/archive/gaps/",
    "loans": "/archive/loans/",
    "requests": "/archive/requests/",
    "handovers": "/archive/handovers/",
    "one handover": "/archive/handovers/1/",
}


def fill() -> dict[str, User]:
    call_command("migrate", verbosity=0)
    make_keys()
    company = make_company()
    estate = make_estate("BEN", "示例湾")
    roles = {"editor": Role.EDITOR, "archivist": Role.ARCHIVIST, "manager": Role.MANAGER}
    people = {name: make_person(name, role, department=company.service) for name, role in roles.items()}
    for part in parts_of(range(RECORDS), BATCH):
        with transaction.atomic():
            write_dossiers(estate, people["editor"], part)
    pair_customers()
    Handover.objects.create(estate=estate, begins_on=timezone.localdate() + timedelta(20), planned_by=people["manager"])
    _draft_cases(estate, people["editor"])
    connection.close()
    return people


def _draft_cases(estate: Estate, owner: User) -> None:
    """Drafts of cases: one by the form, and as many rows again of the same."""
    first = make_draft(owner, estate, Department.objects.get(kind="design"))
    folder, copies = first.get_parent(), max(RECORDS // 100, 1)
    fields = {field.attname: getattr(first, field.attname) for field in CasePage._meta.local_concrete_fields}
    fields.pop("page_ptr_id")
    for part in parts_of(range(copies), BATCH):
        pages = [CasePage(**fields | {"client_id": None}, title="示例", slug=f"c-{n}", owner=owner) for n in part]
        with transaction.atomic():
            insert_pages([(folder, page) for page in pages])


def measure(people: dict[str, User]) -> dict[str, dict[str, float]]:
    call_command("collectstatic", interactive=False, verbosity=0)
    found = {}
    for who, user in people.items():
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        for name, address in PAGES.items():
            told = _ask(client, address)
            found[f"{name} · {who}"] = told
            times = f"{told['p50']:10.1f} ms  {told['slowest']:10.1f} ms"
            print(f"{name + ' · ' + who:<28}{times} {told['queries']:4.0f} queries")
    return found


def _ask(client: Client, address: str) -> dict[str, float]:
    asked: list[str] = []

    def counted(execute: Callable[..., object], sql: str, *given: object) -> object:
        asked.append(sql)
        return execute(sql, *given)

    with connection.execute_wrapper(counted):
        answer = client.get(address, follow=True)
    times = []
    for _round in range(ROUNDS if answer.status_code < 400 else 0):
        started = time.perf_counter()
        client.get(address, follow=True)
        times.append((time.perf_counter() - started) * 1000)
    taken = times or [0.0]
    kilobytes = len(answer.content) / 1000
    return {"p50": statistics.median(taken), "slowest": max(taken), "queries": len(asked), "kB": round(kilobytes)}


def people_there() -> dict[str, User]:
    """Who works here, where the database was filled by an earlier run."""
    if User._meta.db_table not in connection.introspection.table_names():
        return {}
    return {user.username: user for user in User.objects.filter(username__in=["editor", "archivist", "manager"])}


if __name__ == "__main__":
    begun = time.perf_counter()
    workers = people_there() or fill()
    print(f"{RECORDS:,} dossiers, {connection.vendor}; {time.perf_counter() - begun:.0f} s to fill")
    print(json.dumps(measure(workers)))
