"""Before construction drawings start: what drawings have caused so far, by category and cause."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count
from django.utils import timezone

from casebook.models import CasePage, Project
from casebook.vocabulary import Library
from casebook.word_table import most_named
from estates.access import Person
from estates.models import Estate, Unit

EXAMPLES, EXAMPLE_LENGTH = 3, 160
YEARS = 5
CHUNK = 2000


class _Row(NamedTuple):
    pk: int
    number: str | None
    title: str
    description: str
    category: str
    drawing_cause: str
    cause: str
    lesson: str
    requirement: str
    severity: int | None
    homes_affected: int | None
    record_date: date
    estate_id: int
    components: list[str]
    product_types: list[str]


@dataclass(frozen=True, slots=True)
class Example:
    case_id: int
    number: str
    title: str
    problem: str
    requirement: str


@dataclass(frozen=True, slots=True)
class Line:
    """One category and cause. `years`: cases by year, as in `DrawingReport.years`; the worst examples first."""

    category: str
    cause: str
    cases: int
    homes: int
    years: tuple[int, ...]
    examples: tuple[Example, ...]

    @property
    def rising(self) -> bool | None:
        """Did the last whole year bring more than the one before? None where it brought as many."""
        before, last = self.years[-3], self.years[-2]
        return None if before == last else last > before


@dataclass(frozen=True, slots=True)
class DrawingReport:
    """`homes`: of the estates that the cases come from; None where nobody knows how many there are."""

    made_on: str
    cases: int
    homes: int | None
    estates: int
    years: tuple[int, ...]
    lines: tuple[Line, ...]

    def per_hundred_homes(self, cases: int) -> float | None:
        return round(100 * cases / self.homes, 2) if self.homes else None


def drawing_report(user: Person, project: Project) -> DrawingReport:
    """Published cases for design that the user may see, whose cause lay in a drawing and that could concern the
    project: its components and product types."""
    cases = [case for case in _cases(user) if _concerns(case, project)]
    today = timezone.localdate()
    years = tuple(range(today.year - YEARS + 1, today.year + 1))
    groups: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    for case in cases:
        groups[case.category, _cause_of(case)].append(case)
    lines = [_line(category, cause, found, years) for (category, cause), found in groups.items()]
    estates = {case.estate_id for case in cases}
    return DrawingReport(
        made_on=today.isoformat(),
        cases=len(cases),
        homes=homes_of(estates),
        estates=len(estates),
        years=years,
        lines=tuple(sorted(lines, key=lambda line: (-line.cases, -line.homes, line.category, line.cause))),
    )


def _cause_of(case: _Row) -> str:
    """As somebody classified it, else by the words of its cause; unknown stays unknown."""
    return case.drawing_cause or most_named("drawing_cause", f"{case.cause}\n{case.requirement}")


def homes_of(estate_ids: Iterable[int]) -> int | None:
    """How many homes the estates have: as entered, else the registered units; None where an estate has neither."""
    counted = dict(
        Unit.objects.filter(estate__in=estate_ids)
        .order_by()
        .values_list("estate")
        .annotate(count=Count("pk"))
        .values_list("estate", "count")
    )
    entered = dict(Estate.objects.filter(pk__in=estate_ids).values_list("pk", "homes"))
    each = [homes or counted.get(pk, 0) for pk, homes in entered.items()]
    return sum(each) if each and all(each) else None


def as_stored(report: DrawingReport) -> dict[str, Any]:
    """The report as a pack keeps it."""
    return asdict(report)


def from_stored(stored: Mapping[str, Any]) -> DrawingReport:
    lines = [
        Line(**{**line, "years": tuple(line["years"]), "examples": tuple(Example(**one) for one in line["examples"])})
        for line in stored["lines"]
    ]
    return DrawingReport(**{**stored, "years": tuple(stored["years"]), "lines": tuple(lines)})


def _cases(user: Person) -> Iterable[_Row]:
    cases = CasePage.objects.visible_to(user).live().filter(cause_is_drawing=True, is_positive=False)
    rows = cases.filter(**{Library.DESIGN.value: True}).order_by("-record_date", "-pk")
    return (_Row(*row) for row in rows.values_list(*_Row._fields).iterator(chunk_size=CHUNK))


def _concerns(case: _Row, project: Project) -> bool:
    """A case that names parts or products concerns a project that has one of them."""
    parts = not case.components or set(case.components) & set(project.components)
    products = not case.product_types or set(case.product_types) & set(project.product_types)
    return bool(parts and products)


def _line(category: str, cause: str, cases: Sequence[_Row], years: Sequence[int]) -> Line:
    by_year = Counter(case.record_date.year for case in cases)
    worst = sorted(
        cases, key=lambda case: (-(case.severity or 0), -(case.homes_affected or 0), -case.record_date.toordinal())
    )
    return Line(
        category=category,
        cause=cause,
        cases=len(cases),
        homes=sum(1 if case.homes_affected is None else case.homes_affected for case in cases),
        years=tuple(by_year[year] for year in years),
        examples=tuple(_example(case) for case in worst[:EXAMPLES]),
    )


def _example(case: _Row) -> Example:
    return Example(
        case_id=case.pk,
        number=str(case.number or ""),
        title=case.title,
        problem=case.description[:EXAMPLE_LENGTH],
        requirement=case.requirement or case.lesson,
    )
