"""Which lessons apply to a new project, in what order, and why. Pure functions: no database, no request.

Hard conditions keep a lesson out whatever its weight: library, stage, product type, climate, components. What is left
is ranked by severity × recurrence × evidence × closeness; each factor is explained to the person who reads the pack.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from casebook.vocabulary import Category, Component, Library, ProductType, ReviewStage, Severity, Stage

UNKNOWN_SEVERITY = 1.5
"""On the scale of `Severity`: between minor and moderate."""

UNKNOWN_HOMES = 10
"""A case that does not say how many homes it touched counts as one that touched a handful."""

LEAST_EVIDENCE, PIECES_OF_EVIDENCE = 0.7, 5
NAMED_FOR_THIS, CAUSED_THERE = 0.25, 0.2
PER_RECURRENCE = 0.5
DEFAULT_CAP = 40


@dataclass(frozen=True, slots=True)
class Profile:
    """A project as a pack asks about it."""

    stage: ReviewStage
    library: Library
    product_types: frozenset[str]
    climate: str
    components: frozenset[str]


@dataclass(frozen=True, slots=True)
class LessonFacts:
    """What decides whether and where a published case stands in a pack. Empty sets mean: for all."""

    id: int
    libraries: frozenset[str]
    stages: frozenset[str]
    product_types: frozenset[str]
    climates: frozenset[str]
    components: frozenset[str]
    category: str
    severity: int | None
    homes: int | None
    recurred: int
    photos: int
    has_cause: bool
    has_lesson: bool
    has_requirement: bool
    cause_is_drawing: bool


class NotApplicable(StrEnum):
    LIBRARY = "library"
    STAGE = "stage"
    PRODUCT_TYPE = "product_type"
    CLIMATE = "climate"
    COMPONENT = "component"


class Why(StrEnum):
    """A reason for a place in the pack; `Reason.value` holds what it speaks of: a number, or codes of a closed list."""

    SEVERITY = "severity"
    HOMES = "homes"
    RECURRED = "recurred"
    COMPONENT = "component"
    PRODUCT_TYPE = "product_type"
    CLIMATE = "climate"
    DRAWING = "drawing"
    PHOTOS = "photos"


@dataclass(frozen=True, slots=True)
class Reason:
    why: Why
    value: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranked:
    lesson: LessonFacts
    score: float


def stages_by_default(*, library_codes: Iterable[str], category: str, case_stage: str) -> frozenset[str]:
    """For a case that does not name its stages: a lesson for design is for the drawings, and, where it is about the
    site plan or was learned while designing, for the scheme too; one for quality is for the site and the inspection."""
    stages: set[str] = set()
    codes = set(library_codes)
    if Library.DESIGN in codes:
        stages.add(ReviewStage.DRAWINGS)
        if category == Category.SITE or case_stage == Stage.DESIGN:
            stages.add(ReviewStage.SCHEME)
    if Library.QUALITY in codes:
        stages |= {ReviewStage.CONSTRUCTION, ReviewStage.PRE_HANDOVER}
    if case_stage == Stage.HANDOVER or Library.SERVICE in codes:
        stages |= {ReviewStage.PRE_HANDOVER, ReviewStage.HANDOVER}
    return frozenset(stages)


def why_not(lesson: LessonFacts, profile: Profile) -> NotApplicable | None:
    """The first condition that keeps the lesson out; None where it applies."""
    if profile.library not in lesson.libraries:
        return NotApplicable.LIBRARY
    if profile.stage not in lesson.stages:
        return NotApplicable.STAGE
    if lesson.product_types and not lesson.product_types & profile.product_types:
        return NotApplicable.PRODUCT_TYPE
    if lesson.climates and profile.climate not in lesson.climates:
        return NotApplicable.CLIMATE
    if lesson.components and not lesson.components & profile.components:
        return NotApplicable.COMPONENT
    return None


def rank(lessons: Iterable[LessonFacts], profile: Profile) -> list[Ranked]:
    """Those that apply, the heaviest first; ties: the later case first."""
    ranked = [Ranked(lesson, score(lesson, profile)) for lesson in lessons if why_not(lesson, profile) is None]
    return sorted(ranked, key=lambda one: (-one.score, -one.lesson.id))


def score(lesson: LessonFacts, profile: Profile) -> float:
    """Each step of severity doubles; ten times the homes add half; every recurrence adds half."""
    severity = 2.0 ** ((lesson.severity or UNKNOWN_SEVERITY) - 1)
    homes = UNKNOWN_HOMES if lesson.homes is None else lesson.homes
    recurrence = 1 + math.log10(1 + homes) / 2 + PER_RECURRENCE * lesson.recurred
    shown = (lesson.photos > 0, lesson.has_cause, lesson.has_lesson, lesson.has_requirement, lesson.homes is not None)
    evidence = LEAST_EVIDENCE + (1 - LEAST_EVIDENCE) * sum(shown) / PIECES_OF_EVIDENCE
    return severity * recurrence * evidence * _closeness(lesson, profile)


def _closeness(lesson: LessonFacts, profile: Profile) -> float:
    """More for a lesson that names just this kind of building or climate, or whose cause lay at this stage."""
    named = bool(lesson.product_types) + bool(lesson.climates)
    share = len(lesson.components & profile.components) / len(lesson.components) if lesson.components else 0.5
    return 1 + NAMED_FOR_THIS * named + NAMED_FOR_THIS * share + CAUSED_THERE * _is_caused_at(lesson, profile.stage)


def _is_caused_at(lesson: LessonFacts, stage: ReviewStage) -> bool:
    if stage in (ReviewStage.SCHEME, ReviewStage.DRAWINGS):
        return lesson.cause_is_drawing
    return lesson.category == Category.WORKMANSHIP


def reasons(lesson: LessonFacts, profile: Profile) -> tuple[Reason, ...]:
    """Why this is here, the weightiest first."""
    found: list[Reason] = []
    if lesson.severity and lesson.severity >= Severity.SERIOUS:
        found.append(Reason(Why.SEVERITY, (str(lesson.severity),)))
    if lesson.recurred:
        found.append(Reason(Why.RECURRED, (str(lesson.recurred),)))
    if lesson.homes:
        found.append(Reason(Why.HOMES, (str(lesson.homes),)))
    if shared := _in_order(Component, lesson.components & profile.components):
        found.append(Reason(Why.COMPONENT, shared))
    if shared := _in_order(ProductType, lesson.product_types & profile.product_types):
        found.append(Reason(Why.PRODUCT_TYPE, shared))
    if lesson.climates:
        found.append(Reason(Why.CLIMATE, (profile.climate,)))
    if lesson.cause_is_drawing and _is_caused_at(lesson, profile.stage):
        found.append(Reason(Why.DRAWING))
    if lesson.photos:
        found.append(Reason(Why.PHOTOS, (str(lesson.photos),)))
    return tuple(found)


def _in_order(codes: type[Component | ProductType], chosen: frozenset[str]) -> tuple[str, ...]:
    return tuple(str(one.value) for one in codes if one.value in chosen)
