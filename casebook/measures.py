"""Does the lesson reach the drawing? Figures over the reviews that a person may see, each from rows one can list."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Min, QuerySet
from django.utils.translation import gettext as _

from casebook.lesson_scores import last_rounds
from casebook.models import Answer, PackItem, Recurrence, ReviewPack
from casebook.vocabulary import SAID, Category, ItemState, PackState, Verdict, label_of
from estates.access import Person

SHARE = Decimal("0.3")
"""Of the problems that nobody reviewed, how many would have happened again: assumed, changed on the page."""

LISTED = 20
UNUSED = [f"case__{name}" for name in ("description", "cause", "measure", "lesson", "requirement")]


@dataclass(frozen=True, slots=True)
class Line:
    """Items of one lesson, department or category."""

    label: str
    case_id: int | None
    shown: int
    answered: int
    avoided: int
    recurred: int

    @property
    def avoided_rate(self) -> float | None:
        return _rate(self.avoided, self.answered)

    @property
    def recurrence_rate(self) -> float | None:
        """Of what was answered as avoided."""
        return _rate(self.recurred, self.avoided)


@dataclass(frozen=True, slots=True)
class Estimate:
    """`amount` = `share` × `costs`: the costs, in yuan, of the cases whose problem was avoided and did not recur.
    `unknown` such cases do not say what they cost."""

    share: Decimal
    costs: Decimal
    cases: int
    unknown: int

    @property
    def amount(self) -> Decimal:
        return (self.share * self.costs).quantize(Decimal(1))


@dataclass(frozen=True, slots=True)
class Measures:
    packs: int
    signed: int
    total: Line
    checked: int
    hours_to_answer: float | None
    by_lesson: tuple[Line, ...]
    by_department: tuple[Line, ...]
    by_category: tuple[Line, ...]
    estimate: Estimate


def measures(user: Person, *, year: int | None, share: Decimal = SHARE) -> Measures:
    """Over the packs handed over in the year, or in all years. A review counts once whatever its rounds."""
    packs = ReviewPack.objects.visible_to(user).exclude(state=PackState.PREPARED)
    items = PackItem.objects.visible_to(user).filter(last_rounds())
    if year:
        packs = packs.filter(handed_over_at__year=year)
        items = items.filter(pack__handed_over_at__year=year)
    rows = list(items.select_related("pack", "case__responsible_department").defer(*UNUSED).order_by())
    again = _recurrences(rows)
    first = packs.filter(previous=None)
    return Measures(
        packs=first.count(),
        signed=first.filter(state=PackState.SIGNED).count(),
        total=_line("", rows, again),
        checked=sum(row.state == ItemState.ACCEPTED for row in rows),
        hours_to_answer=_hours(packs),
        by_lesson=_grouped(rows, again, lambda row: row.case_id, lambda row: row.shown["title"])[:LISTED],
        by_department=_grouped(rows, again, lambda row: row.case.responsible_department_id, _department),
        by_category=_grouped(rows, again, lambda row: row.case.category, _category),
        estimate=_estimate(rows, again, share),
    )


def years_of(user: Person) -> list[int]:
    """In which packs were handed over, the latest first."""
    packs = ReviewPack.objects.visible_to(user).exclude(handed_over_at=None)
    return [day.year for day in packs.dates("handed_over_at", "year", order="DESC")]


def _recurrences(rows: Iterable[PackItem]) -> Counter[tuple[int, int]]:
    """By the first round of the pack and the case: how many new cases were linked, in whatever round."""
    shown = {(_review(row), row.case_id) for row in rows}
    linked = Recurrence.objects.select_related("item__pack")
    pairs = {(_review(one.item), one.item.case_id, one.case_id) for one in linked}
    return Counter((review, case) for review, case, _new in pairs if (review, case) in shown)


def _review(item: PackItem) -> int:
    return item.pack.first_round_id or item.pack_id


def _line(label: str, rows: Sequence[PackItem], again: Counter[tuple[int, int]], case_id: int | None = None) -> Line:
    said = [row for row in rows if row.state in SAID]
    return Line(
        label=label,
        case_id=case_id,
        shown=len(rows),
        answered=sum(row.verdict != Verdict.NOT_APPLICABLE for row in said),
        avoided=sum(row.verdict == Verdict.AVOIDED for row in said),
        recurred=sum(again[_review(row), row.case_id] for row in rows),
    )


def _grouped(
    rows: Sequence[PackItem],
    again: Counter[tuple[int, int]],
    key: Callable[[PackItem], object],
    label: Callable[[PackItem], str],
) -> tuple[Line, ...]:
    """What recurred most first, then what was shown most."""
    groups: dict[object, list[PackItem]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    lines = [_line(label(found[0]), found, again, found[0].case_id) for found in groups.values()]
    return tuple(sorted(lines, key=lambda line: (-line.recurred, -line.shown, line.label)))


def _department(row: PackItem) -> str:
    return str(row.case.responsible_department or _("没有责任部门"))


def _category(row: PackItem) -> str:
    return label_of(Category, row.case.category) or _("未分类")


def _hours(packs: QuerySet[ReviewPack]) -> float | None:
    """The median hours from hand-over to the first answer of an item; carried answers do not count."""
    answers = Answer.objects.filter(item__pack__in=packs, carried_from=None).order_by()
    first = answers.values("item").annotate(at=Min("answered_at")).values_list("at", "item__pack__handed_over_at")
    waits = [at - handed for at, handed in first if handed]
    return statistics.median(wait / timedelta(hours=1) for wait in waits) if waits else None


def _estimate(rows: Sequence[PackItem], again: Counter[tuple[int, int]], share: Decimal) -> Estimate:
    """An item counts once per review in which it was accepted as avoided."""
    avoided = [
        row
        for row in rows
        if row.state == ItemState.ACCEPTED and row.verdict == Verdict.AVOIDED and not again[_review(row), row.case_id]
    ]
    known = [row.case.cost for row in avoided if row.case.cost is not None]
    return Estimate(share, sum(known, Decimal(0)), len(known), len(avoided) - len(known))


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None
