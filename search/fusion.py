"""Words and meaning in one list. How much either weighs depends on how much of the question the words cover: where they
say it all, meaning has little to add; where a layman says it in his own words, it has much.

Each side's scores are brought to 0 … 1: those of words by the best of them, cosines between the best and the last of
them. Measured on the odd ids of the judged sets (docs/decisions/0017): adding scores beats adding reciprocal ranks,
which forget that the first is often far ahead of the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from search.queries import Hit

LITTLE, MUCH = 0.3, 0.8
"""Shares of the question, by how telling its parts are, that the best record's words cover."""

WEIGHT_AT_LITTLE, WEIGHT_AT_MUCH = 0.35, 0.85
"""Of words; meaning has the rest."""

FLOOR = 0.83
"""The cosine of letters struck at random with any record is less."""

NEAR = 0.03
"""A record without a word of the question is left out when its cosine is that much below the best."""

MOST_BY_MEANING = 10


def fuse(by_words: Sequence[Hit], by_meaning: Sequence[Hit]) -> list[Hit]:
    """Best first; ties: the larger id first, then the kind. What words did not find stays `by_meaning`: at most
    MOST_BY_MEANING, none below FLOOR, none that is not NEAR the best."""
    if not by_meaning:
        return list(by_words)
    weight = _weight_of_words(by_words[0].covered if by_words else 0.0)
    best = by_words[0].score if by_words else 1.0
    most, least = by_meaning[0].score, by_meaning[-1].score
    lowest = max(FLOOR, most - NEAR)
    scores = {(hit.kind, hit.id): weight * hit.score / (best or 1.0) for hit in by_words}
    known = {(hit.kind, hit.id): hit for hit in (*by_meaning, *by_words)}
    for hit in by_meaning:
        key = hit.kind, hit.id
        scores[key] = scores.get(key, 0.0) + (1 - weight) * (hit.score - least) / ((most - least) or 1.0)
    kept = {key: hit for key, hit in known.items() if not hit.by_meaning or hit.score >= lowest}
    fused = [replace(hit, score=scores[key]) for key, hit in kept.items()]
    fused.sort(key=lambda hit: (-hit.score, -hit.id, hit.kind))
    last = [hit for hit in fused if hit.by_meaning][MOST_BY_MEANING:]
    return [hit for hit in fused if hit not in last]


def _weight_of_words(covered: float) -> float:
    share = min(max((covered - LITTLE) / (MUCH - LITTLE), 0.0), 1.0)
    return WEIGHT_AT_LITTLE + (WEIGHT_AT_MUCH - WEIGHT_AT_LITTLE) * share
