"""The order of candidates, by the same code for every engine (measured in docs/decisions/0004)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from search.engines.base import Candidate, Statistics
from search.queries import Hit, Query

K1, B = 1.2, 0.75
AVERAGE_LENGTH = 400
"""In characters, the title counted twice. A constant: the mean of an index would tell of records one may not find."""

GRAM_WEIGHT, WORD_WEIGHT, SINGLE_WEIGHT = 1.0, 0.5, 0.4
TITLE_TIMES = 2
COVERAGE_WEIGHT = 0.5
STEPS = 4
"""Whole-number steps of a candidate's weight per unit of idf: sums of whole numbers are the same in every engine."""


def weighted_tokens(query: Query) -> dict[str, float]:
    """Each text token of the query with its weight: pairs, words, single characters."""
    weights: dict[str, float] = {}
    for term in query.terms:
        for token in (*term.grams, *(mark for mark in term.marks if len(mark) == 1)):
            weights[token] = SINGLE_WEIGHT if len(token) == 1 else GRAM_WEIGHT
    for word in query.words:
        weights[word] = weights.get(word, 0.0) + WORD_WEIGHT
    return weights


def idf(token: str, statistics: Statistics) -> float:
    frequency = statistics.frequency.get(token, 0)
    return math.log(1 + (max(statistics.documents, frequency) - frequency + 0.5) / (frequency + 0.5))


def whole_weights(weights: Mapping[str, float], statistics: Statistics) -> dict[str, int]:
    return {token: max(round(STEPS * weight * idf(token, statistics)), 1) for token, weight in weights.items()}


def rank(candidates: Sequence[Candidate], weights: Mapping[str, float], statistics: Statistics) -> list[Hit]:
    """Best first; ties: the larger id first, then the kind. Times 1 + half the share of the query's idf covered."""
    rarity = {token: idf(token, statistics) for token in weights}
    whole = sum(rarity.values()) or 1.0
    hits = [Hit(c.kind, c.id, *_score(c, weights, rarity, whole)) for c in candidates]
    return sorted(hits, key=lambda hit: (-hit.score, -hit.id, hit.kind))


def _score(
    candidate: Candidate, weights: Mapping[str, float], rarity: Mapping[str, float], whole: float
) -> tuple[float, float]:
    """The score, and the share of the query's idf that is covered."""
    length = len(candidate.title) * TITLE_TIMES + len(candidate.body)
    norm = K1 * (1 - B + B * length / AVERAGE_LENGTH)
    score = covered = 0.0
    for token, weight in weights.items():
        tf = candidate.title.count(token) * TITLE_TIMES + candidate.body.count(token)
        if tf:
            score += weight * rarity[token] * tf * (K1 + 1) / (tf + norm)
            covered += rarity[token]
    return score * (1 + COVERAGE_WEIGHT * covered / whole), covered / whole
