"""What is published, as the ranking of a review pack asks about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from django.db.models import Count

from casebook.applicability import LessonFacts, stages_by_default
from casebook.lesson_scores import recurrences_by_case
from casebook.models import CasePage
from casebook.vocabulary import Library
from casebook.word_table import parts_named
from estates.access import Person

CHUNK = 2000


class _Row(NamedTuple):
    pk: int
    title: str
    description: str
    stage: str
    category: str
    severity: int | None
    homes_affected: int | None
    components: list[str]
    product_types: list[str]
    climates: list[str]
    review_stages: list[str]
    cause: str
    cause_is_drawing: bool | None
    lesson: str
    requirement: str
    to_design: bool
    to_quality: bool
    to_service: bool


def lesson_facts(user: Person, library: Library) -> Iterator[LessonFacts]:
    """Of every published case of the library that the user may see."""
    cases = CasePage.objects.visible_to(user).live().filter(**{library.value: True}).order_by()
    photos = dict(cases.annotate(count=Count("photos")).filter(count__gt=0).values_list("pk", "count"))
    recurred = recurrences_by_case()
    for row in cases.values_list(*_Row._fields).iterator(chunk_size=CHUNK):
        yield _facts(_Row(*row), photos, recurred)


def _facts(row: _Row, photos: Mapping[int, int], recurred: Mapping[int, int]) -> LessonFacts:
    """Where nobody said what the case is about, its words do."""
    libraries = frozenset(library.value for library in Library if getattr(row, library.value))
    stages = frozenset(row.review_stages) or stages_by_default(
        library_codes=libraries, category=row.category, case_stage=row.stage
    )
    return LessonFacts(
        id=row.pk,
        libraries=libraries,
        stages=stages,
        product_types=frozenset(row.product_types),
        climates=frozenset(row.climates),
        components=parts_named(row.components, row.title, row.description),
        category=row.category,
        severity=row.severity,
        homes=row.homes_affected,
        recurred=recurred.get(row.pk, 0),
        photos=photos.get(row.pk, 0),
        has_cause=bool(row.cause),
        has_lesson=bool(row.lesson),
        has_requirement=bool(row.requirement),
        cause_is_drawing=bool(row.cause_is_drawing),
    )
