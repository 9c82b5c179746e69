"""Words that rise: what more cases speak of in a month than in the same month of the year before, so that a season
(heating in winter) is compared with its like.

A word's rise is Dunning's log-likelihood ratio G² of its share of the cases, signed by its direction (T. Dunning,
Accurate Methods for the Statistics of Surprise and Coincidence, 1993).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from casebook.models import CasePage
from search import analysis

if TYPE_CHECKING:
    from estates.models import User

FEWEST = 3
"""A word in fewer cases of the month says nothing yet."""

LEAST_RISE = 3.84
"""G² above which chance alone does so in fewer than one of twenty words."""

SHOWN = 12
MOST_CASES = 5000


@dataclass(frozen=True, slots=True)
class RisingWord:
    """`now` and `before`: cases that speak of it in the month, and in that of the year before; shares in percent."""

    word: str
    now: int
    before: int
    share_now: float
    share_before: float
    rise: float


@dataclass(frozen=True, slots=True)
class Rising:
    """`cases_now` and `cases_before` are how many cases were compared."""

    month: date
    cases_now: int
    cases_before: int
    words: tuple[RisingWord, ...]


def rising_words(user: User, month: date, *, estate: str = "", category: str = "") -> Rising:
    """Of the cases that the person may see; `month` is its first day, `estate` a code."""
    year_before = month.replace(year=month.year - 1)
    now, cases_now = _spoken_of(user, month, estate, category)
    before, cases_before = _spoken_of(user, year_before, estate, category)
    found = [_risen(word, now[word], before[word], cases_now, cases_before) for word in now if now[word] >= FEWEST]
    risen = sorted((one for one in found if one.rise >= LEAST_RISE), key=lambda one: (-one.rise, one.word))
    return Rising(month, cases_now, cases_before, tuple(_without_parts(risen)[:SHOWN]))


def _spoken_of(user: User, month: date, estate: str, category: str) -> tuple[Counter[str], int]:
    """In how many cases each word stands, and of how many."""
    cases = CasePage.objects.visible_to(user).filter(record_date__year=month.year, record_date__month=month.month)
    if estate:
        cases = cases.filter(estate__code=estate)
    if category:
        cases = cases.filter(category=category)
    counted: Counter[str] = Counter()
    rows = list(cases.order_by("-pk").values_list("title", "description")[:MOST_CASES])
    for title, description in rows:
        counted.update(word for word in set(analysis.words(f"{title}\n{description}")) if not word.isdigit())
    return counted, len(rows)


def _risen(word: str, now: int, before: int, cases_now: int, cases_before: int) -> RisingWord:
    share_now, share_before = now / cases_now, before / cases_before if cases_before else 0.0
    return RisingWord(
        word, now, before, 100 * share_now, 100 * share_before, g_squared(now, before, cases_now, cases_before)
    )


def g_squared(now: int, before: int, cases_now: int, cases_before: int) -> float:
    """Signed: negative for what became rarer; 0 where there is nothing to compare with."""
    if not cases_before or not cases_now:
        return 0.0
    expected = (now + before) / (cases_now + cases_before)
    parts = (
        (now, cases_now * expected),
        (before, cases_before * expected),
        (cases_now - now, cases_now * (1 - expected)),
        (cases_before - before, cases_before * (1 - expected)),
    )
    whole = 2 * sum(seen * math.log(seen / wanted) for seen, wanted in parts if seen and wanted)
    return whole if now * cases_before >= before * cases_now else -whole


def _without_parts(risen: Iterable[RisingWord]) -> list[RisingWord]:
    """A word that stands inside another of the same cases says it a second time."""
    kept: list[RisingWord] = []
    for one in risen:
        if not any(one.now == other.now and (one.word in other.word or other.word in one.word) for other in kept):
            kept.append(one)
    return kept
