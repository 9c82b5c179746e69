"""Which review item should have prevented a new case? Pure functions: texts in, ranked items out.

Items are few (those of one project's packs), and a complaint is in other words than a lesson. So characters, pairs and
words all count, each by how few items have it; what both are about (components) adds to it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from search.analysis.normalise import normalise
from search.analysis.streams import HAN_CHARACTER, grams, words

SINGLE, PAIR, WORD = 0.35, 1.0, 1.0
"""What one shared character, pair or word weighs beside its rarity."""

TITLE, PROBLEM, REST = 2.0, 1.5, 1.0
"""What a token weighs by where it stands in the item: its title, its problem, its lesson and requirement."""

GENERIC = frozenset(["没有", "一个", "已经", "还是", "业主", "小区", "问题", "反映", "住户", "现在", "时候", "位置"])
"""Words that say nothing about what a case and an item share."""

ABOUT_THE_SAME = 1.25
PROPOSED = 3
LEAST = 0.08
"""Of a case's likeness to itself: below, an item is not worth showing."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An item as it was shown. `components` may be what its words say."""

    id: int
    title: str
    problem: str
    rest: str
    components: frozenset[str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """`likeness` between 0 and about 1; `shared` are the rarest words that both have."""

    id: int
    likeness: float
    shared: tuple[str, ...]


def propose(
    text: str, components: frozenset[str], items: Sequence[Reviewed], *, most: int = PROPOSED
) -> list[Proposal]:
    """The items that a new case's text resembles, the most similar first; none where nothing is like it."""
    told = {item.id: _weights(item) for item in items}
    rarity = _rarity(told.values())
    asked, told_words = _tokens(text), frozenset(words(text))
    itself = sum(weight * rarity.get(token, rarity[""]) for token, weight in asked.items()) or 1.0
    found = []
    for item in items:
        shared = {
            token: rarity[token] * asked[token] * told[item.id][token] for token in asked if token in told[item.id]
        }
        likeness = sum(shared.values()) / itself / _length(told[item.id])
        if components & item.components:
            likeness *= ABOUT_THE_SAME
        if likeness >= LEAST:
            found.append(Proposal(item.id, likeness, _rarest(shared, told_words)))
    return sorted(found, key=lambda one: (-one.likeness, one.id))[:most]


def _weights(item: Reviewed) -> dict[str, float]:
    """The heaviest place of each token."""
    weights: dict[str, float] = {}
    for text, weight in ((item.rest, REST), (item.problem, PROBLEM), (item.title, TITLE)):
        weights.update(dict.fromkeys(_tokens(text), weight))
    return weights


def _tokens(text: str) -> dict[str, float]:
    found = dict.fromkeys(HAN_CHARACTER.findall(normalise(text)), SINGLE)
    found.update(dict.fromkeys((gram for gram in grams(text) if len(gram) > 1), PAIR))
    found.update(dict.fromkeys((word for word in words(text) if len(word) > 2), WORD))  # noqa: PLR2004  pairs are above
    return found


def _rarity(items: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """By token: the logarithm of how few items have it; under "" that of a token that none has."""
    rows = list(items)
    counts = Counter(token for row in rows for token in row)
    known = {token: math.log(1 + len(rows) / count) for token, count in counts.items()}
    return {**known, "": math.log(1 + len(rows))}


def _length(weights: Mapping[str, float]) -> float:
    """A long item has more of everything: damped."""
    return 1 + math.log1p(len(weights)) / 4


def _rarest(shared: Mapping[str, float], words_of_text: frozenset[str]) -> tuple[str, ...]:
    """Whole words only, none within another: 变形缝, not 形缝."""
    kept: list[str] = []
    for token in sorted(
        words_of_text & shared.keys() - GENERIC, key=lambda token: (-len(token), -shared[token], token)
    ):
        if not any(token in other for other in kept):
            kept.append(token)
    return tuple(sorted(kept, key=lambda token: (-shared[token], token))[:3])
