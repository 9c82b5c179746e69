"""A question to the index, and the answer. Frozen, engine-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

Audience: TypeAlias = frozenset[str] | None
"""Tokens a person holds; None asks for no permission and is for upkeep and already limited QuerySets only."""


@dataclass(frozen=True, slots=True)
class Term:
    """A text that must stand in the record: consecutive `grams`, and every one of `marks`. `text` is normalised."""

    text: str
    grams: tuple[str, ...]
    marks: tuple[str, ...] = ()
    in_title: bool = False
    """The grams stand in the title; the marks anywhere."""


@dataclass(frozen=True, slots=True)
class Code:
    """A token of the record's codes; `text` is what was written."""

    text: str
    token: str


Alternative: TypeAlias = Term | Code


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records: of every group one alternative, none of `excluded`, one of each facet's values, no value of
    `without`, dated in `since` … `until` (both ends included), findable by the audience."""

    audience: Audience
    groups: tuple[tuple[Alternative, ...], ...] = ()
    excluded: tuple[Alternative, ...] = ()
    facets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    without: Mapping[str, frozenset[str]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None
    any_of: tuple[str, ...] = ()
    """Plain tokens, grams or words; where there are any, a record must have one of them."""


@dataclass(frozen=True, slots=True)
class Query:
    """`words` only rank. `unknown` are values of fields that name nothing here, searched as plain text. `seen` are ids
    that earlier pages showed: leaving them out, rather than counting from the start, keeps pages from repeating or
    skipping anything while records change."""

    selection: Selection
    words: tuple[str, ...] = ()
    plain: str = ""
    """What was asked in plain words: what it means may find records that say it otherwise. Empty when something is
    quoted, which asks for it as written."""
    unknown: tuple[str, ...] = ()
    by_date: bool = False
    seen: frozenset[int] = frozenset()
    limit: int = 20

    @property
    def asks_for_text(self) -> bool:
        return any(isinstance(one, Term) for group in self.selection.groups for one in group)

    @property
    def terms(self) -> tuple[Term, ...]:
        return tuple(one for group in self.selection.groups for one in group if isinstance(one, Term))


@dataclass(frozen=True, slots=True)
class Hit:
    kind: str
    id: int
    score: float = 0.0
    covered: float = 0.0
    """The share of what was asked, by how telling each part is, that the record holds."""
    by_meaning: bool = False
    """Found by what it means: it holds hardly a word of what was asked."""


@dataclass(frozen=True, slots=True)
class Results:
    """`total` counts records that hold everything asked for; `loosened` says that some `hits` hold only a part,
    `degraded` that the database answers because Elasticsearch does not."""

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, tuple[tuple[str, int], ...]]
    loosened: bool = False
    degraded: bool = False
