"""What one person may not find changes nothing for them: not a title, a count, a facet, a similar record, a candidate.

`SOAK_QUERIES` raises the number of queries (`make soak`: 1,000).
"""

from __future__ import annotations

import json
import os
import random
from datetime import date, timedelta
from pathlib import Path

from casebook import policies
from casebook.documents import KIND
from casebook.models import CasePage
from casebook.services.bulk import PublishedCase, file_published_cases
from casebook.similar import similar_to
from estates.models import Estate, User
from search import index
from search.engines import database_engine
from search.searching import CANDIDATES
from tests.conftest import World

QUERIES = int(os.environ.get("SOAK_QUERIES", "100"))
CASES, LONGEST = 400, 150
LIBRARIES = ("to_design", "to_quality")


def complaint(number: int, text: str, estate: Estate) -> PublishedCase:
    fields: dict[str, object] = {"title": text[:20], "description": text[:LONGEST], LIBRARIES[number % 2]: True}
    fields |= {"category": "building" if number % 3 else "living", "stage": "occupancy" if number % 5 else "handover"}
    day = date(2026, 1, 1) + timedelta(days=number % 300)
    return PublishedCase(estate, day, fields, f"two-{number}")


def queries_from(texts: list[str]) -> list[str]:
    """Pieces of the texts, one to three of them, some quoted, left out, or narrowed to a field; some found nowhere."""
    dice = random.Random(21)

    def piece() -> str:
        text = dice.choice(texts)[:LONGEST]
        start, length = dice.randrange(len(text)), dice.randint(1, 5)
        return text[start : start + length]

    def query() -> str:
        parts = [dice.choice(["", "", '"', "-"]) + piece() for _ in range(dice.randint(1, 3))]
        return " ".join([*parts, dice.choice(["", "", "类别:建筑主体", "月份:2026-03", "3-2-1201"])])

    return [query() for _ in range(QUERIES)]


def everything(user: User, text: str) -> tuple[object, ...]:
    """All that search tells a person about a query, and how many candidates were read for it."""
    query = index.parse(text, audience=policies.audience_tokens(user))
    results = index.search(query)
    cases = CasePage.objects.visible_to(user).in_bulk([hit.id for hit in results.hits])
    titles = [cases[hit.id].title for hit in results.hits]
    candidates = database_engine().candidates(query.selection, dict.fromkeys(query.words, 1), CANDIDATES)
    similar = [case.pk for case in similar_to(user, text * 3)]
    meant = index.did_you_mean(text, query) if not results.hits else ()
    return titles, results.hits, results.total, results.facets, results.loosened, len(candidates), similar, meant


def test_the_other_departments_records_change_nothing(world: World, test_data: Path) -> None:
    lines = (test_data / "data" / "complaints.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines][:CASES]
    places = (world.estate, world.other_estate)
    file_published_cases([complaint(n, text, places[n % 3 % 2]) for n, text in enumerate(texts)], by=None)
    asked = queries_from(texts)

    for user, others in ((world.designer, "to_quality"), (world.engineer, "to_design")):
        before = [everything(user, text) for text in asked]
        assert sum(bool(told[0]) for told in before) > QUERIES // 3
        foreign = list(CasePage.objects.filter(**{others: True}).values_list("pk", flat=True))
        index.remove(KIND, foreign)
        CasePage.objects.filter(pk__in=foreign).delete()
        assert CasePage.objects.count() == len(texts) - len(foreign)
        for text, told in zip(asked, before, strict=True):
            assert (text, everything(user, text)) == (text, told)
        file_again(foreign, texts, places)


def file_again(foreign: list[int], texts: list[str], places: tuple[Estate, Estate]) -> None:
    there = set(CasePage.objects.values_list("source_id", flat=True))
    cases = [complaint(n, text, places[n % 3 % 2]) for n, text in enumerate(texts)]
    again = [case for case in cases if case.source_id not in there]
    assert len(again) == len(foreign)
    file_published_cases(again, by=None)
