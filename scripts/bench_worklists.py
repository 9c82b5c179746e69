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
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count, islice

os.environ.setdefault("ANJUAN_VAR", tempfile.mkdtemp(prefix="anjuan-bench-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.development")

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from archives.models import (
    ChangeRequest,
    Customer,
    DossierDocument,
    DossierPage,
    DossierStep,
    DuplicateProposal,
    Handover,
    Loan,
    PersonRequest,
    Tenure,
)
from archives.models.dossiers import new_slug
from archives.placing import month_folder
from archives.vocabulary import State, Step
from casebook.factories import make_draft
from casebook.models import CasePage
from estates.bulk_pages import insert_pages
from estates.factories import make_company, make_estate, make_person
from estates.models import Building, Department, Estate, Unit, User
from estates.roles import Role
from vault.keyring import make_keys

RECORDS = int(os.environ.get("BENCH_RECORDS", "100000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
BATCH = 1_000
STATES = [State.FILED] * 16 + [State.ENTERING] * 2 + [State.SUBMITTED, State.RETURNED]
FILLED = ["address", "identity", "mobile", "name"]
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


def parts_of(numbers: range) -> Iterator[list[int]]:
    rest = iter(numbers)
    while part := list(islice(rest, BATCH)):
        yield part


def fill() -> dict[str, User]:
    call_command("migrate", verbosity=0)
    make_keys()
    company = make_company()
    estate = make_estate("BEN", "示例湾")
    roles = {"editor": Role.EDITOR, "archivist": Role.ARCHIVIST, "manager": Role.MANAGER}
    people = {name: make_person(name, role, department=company.service) for name, role in roles.items()}
    numbers = count()
    for part in parts_of(range(RECORDS)):
        with transaction.atomic():
            _write(estate, people["editor"], part, numbers)
    _pair()
    Handover.objects.create(estate=estate, begins_on=timezone.localdate() + timedelta(20), planned_by=people["manager"])
    _draft_cases(estate, people["editor"])
    connection.close()
    return people


def _write(estate: Estate, owner: User, part: list[int], numbers: Iterator[int]) -> None:
    day = date(2024, 1, 1) + timedelta(part[0] // BATCH)
    building = Building.objects.create(estate=estate, code=str(100 + part[0] // BATCH))
    units = Unit.objects.bulk_create(
        Unit(estate=estate, building=building, code=f"{building.code}-1-{101 + place}", is_registered=True)
        for place in range(len(part))
    )
    customers = Customer.objects.bulk_create(
        Customer(filled=FILLED if place % 7 else FILLED[1:]) for place in range(len(part))
    )
    tenures = Tenure.objects.bulk_create(
        Tenure(unit=unit, opened_on=day, deed_on=day if place % 20 == 0 else None) for place, unit in enumerate(units)
    )
    folder = month_folder(estate, day)
    pages = []
    for unit, customer, tenure in zip(units, customers, tenures, strict=True):
        n = next(numbers)
        page = DossierPage(title=str(unit), slug=new_slug(), estate=estate, unit=unit, tenure=tenure, customer=customer)
        page.record_date, page.owner, page.state, page.open_gaps = day, owner, STATES[n % len(STATES)], 3
        if page.state == State.FILED:
            page.number, page.open_gaps = f"BEN-DA-2024-{n:06}", 0
        page.latest_revision_created_at = timezone.now()
        pages.append((folder, page))
    insert_pages(pages)
    _beside([page for _folder, page in pages], owner)


def _beside(pages: list[DossierPage], owner: User) -> None:
    """A paper for each, a return for the returned, and now and then a loan, a change and a request."""
    papers = DossierDocument.objects.bulk_create(
        DossierDocument(
            dossier=page, kind="contract", title=1, version=1, path=f"{page.slug}.enc", size=1, extension="pdf",
            added_by=owner, sealed_key=b"", sha256="",
        )
        for page in pages
    )  # fmt: skip
    DossierStep.objects.bulk_create(
        DossierStep(dossier=page, step=Step.RETURNED, gate="clear", by=owner)
        for page in pages
        if page.state == State.RETURNED
    )
    today = timezone.localdate()
    filed = [(page, paper) for page, paper in zip(pages, papers, strict=True) if page.state == State.FILED][::50]
    Loan.objects.bulk_create(
        Loan(dossier=page, medium="paper", purpose="示例", due_on=today, asked_by=owner) for page, _paper in filed
    )
    ChangeRequest.objects.bulk_create(
        ChangeRequest(
            dossier=page, number=1, channel="paper", received_on=today, form=paper, sealed_changes=b"", asked_by=owner
        )
        for page, paper in filed
    )
    PersonRequest.objects.bulk_create(
        PersonRequest(
            dossier=page, number=1, kind="access", channel="paper", received_on=today, due_on=today, taken_by=owner
        )
        for page, _paper in filed
    )


def _pair() -> None:
    """One customer in ten may be another one."""
    customers = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    pairs = zip(customers[::10], customers[1::10], strict=False)
    DuplicateProposal.objects.bulk_create(
        (DuplicateProposal(first_id=a, second_id=b, reasons=["phone"], score=a % 9) for a, b in pairs), batch_size=BATCH
    )


def _draft_cases(estate: Estate, owner: User) -> None:
    """Drafts of cases: one by the form, and as many rows again of the same."""
    first = make_draft(owner, estate, Department.objects.get(kind="design"))
    folder, copies = first.get_parent(), max(RECORDS // 100, 1)
    fields = {field.attname: getattr(first, field.attname) for field in CasePage._meta.local_concrete_fields}
    fields.pop("page_ptr_id")
    for part in parts_of(range(copies)):
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
            print(f"{name + ' · ' + who:<28}{told['p50']:10.1f} ms  {told['slowest']:10.1f} ms {told['queries']:4.0f} queries")
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
