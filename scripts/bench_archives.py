"""The customer archive, measured: looking people up among 100,000, opening a dossier, turning the master key."""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from archives.factories import sample_profile
from archives.finding import find_people
from archives.models import Customer, CustomerToken, DossierPage, ProfileVersion, TemplateItem, Tenure
from archives.models.dossiers import new_slug
from archives.people_tokens import tokens_of
from archives.placing import month_folder
from archives.profiles import sealed_profile
from archives.register import Reader
from archives.template import known_items
from archives.vocabulary import State
from estates.bulk_pages import insert_pages
from estates.models import Building, Estate, Unit, User
from vault.data_keys import make_many, wrap_again
from vault.keyring import Purpose, rotate

CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", "100000"))
BATCH, LOOKUPS = 1_000, 300
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "示例一二三四五六七八九十甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"


def bench_archives(editor: User, archivist: User, estate: Estate, client_of: Callable[[User], Client]) -> None:
    names = _fill(editor, estate)
    draw = random.Random(1)  # noqa: S311  which people are asked for
    reader = Reader(editor)
    bare = _p95(_bare_lookups(draw))
    for kind, texts in _questions(names, draw).items():
        took = _p95(_timed(lambda text: find_people(reader=reader, text=text), texts))
        told = f"{took:9.1f} ms p95   {bare:7.2f} ms  x{took / bare:6.1f}  aim 100 ms"
        print(f"look-up by {kind:<22}{told}   a bare indexed query")
    pages = _p95(
        _timed(lambda text: client_of(editor).post("/archive/", {"q": text}), _questions(names, draw)["name"][:60])
    )
    print(f"look-up page                     {pages:9.1f} ms p95")
    dossier = DossierPage.objects.filter(state=State.FILED).order_by("-pk")[0]
    client = client_of(archivist)
    client.get(dossier.get_absolute_url())
    with CaptureQueriesContext(connection) as asked:
        client.get(dossier.get_absolute_url())
    print(f"opening a dossier                {len(asked):5} queries (at most 40)")
    rotate(Purpose.SEAL)
    started = time.perf_counter()
    done = list(wrap_again(batch=5_000))[-1]
    took = time.perf_counter() - started
    print(f"key rotation of {done:,} profiles  {took:9.1f} s      {done / took:,.0f} a second")


def _questions(names: list[tuple[str, str, str]], draw: random.Random) -> dict[str, list[str]]:
    chosen = draw.sample(names, LOOKUPS)
    return {
        "name": [name for name, _phone, _unit in chosen],
        "pinyin initials": ["zs", "lsy", "wsl", "zsl", "csl", "yjy", "qsw", "sly"] * (LOOKUPS // 8),
        "phone": [phone for _name, phone, _unit in chosen],
        "last four digits": [phone[-4:] for _name, phone, _unit in chosen],
        "unit": [unit for _name, _phone, unit in chosen],
    }


def _bare_lookups(draw: random.Random) -> Iterator[float]:
    tokens = list(CustomerToken.objects.values_list("token", flat=True)[:: max(CUSTOMERS // 100, 1)])
    yield from _timed(
        lambda token: list(CustomerToken.objects.filter(token=token).values_list("customer", flat=True)[:20]),
        [draw.choice(tokens) for _ in range(LOOKUPS)],
    )


def _timed(act: Callable[[str], object], texts: list[str]) -> Iterator[float]:
    act(texts[0])
    for text in texts:
        started = time.perf_counter()
        act(text)
        yield (time.perf_counter() - started) * 1000


def _p95(times: Iterator[float]) -> float:
    return statistics.quantiles(list(times), n=20)[18]


def _fill(editor: User, estate: Estate) -> list[tuple[str, str, str]]:
    """CUSTOMERS filed dossiers; name, phone and unit of each."""
    started = time.perf_counter()
    known, draw = known_items(), random.Random(2)  # noqa: S311  invented people
    people = iter(_people(draw))
    made: list[tuple[str, str, str]] = []
    while batch := list(islice(people, BATCH)):
        made += _file_batch(editor, estate, batch, len(made), known)
    took = time.perf_counter() - started
    print(f"{len(made):,} dossiers written           {took:9.1f} s      {len(made) / took:,.0f} a second")
    return made


def _people(draw: random.Random) -> Iterator[tuple[str, str]]:
    for number in range(CUSTOMERS):
        name = draw.choice(SURNAMES) + "".join(draw.choices(GIVEN, k=draw.choice((1, 2, 2))))
        yield name, f"13{number % 9}{draw.randrange(10**8):08}"


@transaction.atomic
def _file_batch(
    editor: User, estate: Estate, batch: list[tuple[str, str]], offset: int, known: dict[str, TemplateItem]
) -> list[tuple[str, str, str]]:
    day = date(2026, 1, 1) + timedelta(offset // BATCH)
    building, _made = Building.objects.get_or_create(estate=estate, code=str(100 + offset // 5_000))
    codes = [f"{building.code}-{1 + (offset + i) % 5_000 // 100}-{101 + i % 100}{i // 100}" for i in range(len(batch))]
    units = Unit.objects.bulk_create(Unit(estate=estate, building=building, code=code) for code in codes)
    customers = Customer.objects.bulk_create(Customer(latest=1) for _ in batch)
    tenures = Tenure.objects.bulk_create(Tenure(unit=unit, opened_on=day) for unit in units)
    make_many([customer.subject for customer in customers])
    versions, tokens, pages = [], [], []
    folder = month_folder(estate, day)
    rows = zip(batch, units, customers, tenures, strict=True)
    for place, ((name, phone), unit, customer, tenure) in enumerate(rows, offset):
        profile = sample_profile(name, place) | {"mobile": phone}
        customer.filled = sorted(profile)
        sealed = sealed_profile(customer, 1, profile)
        versions.append(ProfileVersion(customer=customer, number=1, sealed=sealed, made_by=editor))
        tokens += [CustomerToken(customer=customer, token=t, kind=k) for t, k in tokens_of(profile, known).items()]
        page = DossierPage(title=str(unit), slug=new_slug(), estate=estate, unit=unit, tenure=tenure, customer=customer)
        page.record_date, page.owner, page.state, page.number = day, editor, State.FILED, f"BENCH-DA-{place:06}"
        pages.append((folder, page))
    Customer.objects.bulk_update(customers, ["filled"])
    ProfileVersion.objects.bulk_create(versions)
    CustomerToken.objects.bulk_create(tokens, batch_size=5_000)
    insert_pages(pages)
    return [(name, phone, unit.code) for (name, phone), unit in zip(batch, units, strict=True)]
