"""The order of candidates, by the same code for every engine (measured in docs/decisions/0004)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from search.queries import Query

K1, B = 1.2, 0.75
GRAM_WEIGHT, WORD_WEIGHT, SINGLE_WEIGHT = 1.0, 0.5, 0.4
TITLE_TIMES = 2
COVERAGE_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    key: int
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Corpus:
    documents: int
    average_length: float
    document_frequency: Mapping[str, int]

    def idf(self, token: str) -> float:
        frequency = self.document_frequency.get(token, 0)
        return math.log(1 + (self.documents - frequency + 0.5) / (frequency + 0.5))


def weighted_tokens(query: Query) -> dict[str, float]:
    """Each text token of the query with its weight: pairs, words, single characters."""
    weights: dict[str, float] = {}
    for term in query.terms:
        for token in term.tokens:
            weights[token] = SINGLE_WEIGHT if len(token) == 1 else GRAM_WEIGHT
    for word in query.words:
        weights[word] = weights.get(word, 0.0) + WORD_WEIGHT
    return weights


def rank(candidates: list[Candidate], query: Query, corpus: Corpus) -> list[tuple[int, float]]:
    """Keys with their scores, best first; ties by key. Times 1 + half the share of the query's idf covered."""
    weights = weighted_tokens(query)
    idf = {token: corpus.idf(token) for token in weights}
    whole = sum(idf.values()) or 1.0
    scored = [(c.key, _score(c, weights, idf, whole, corpus.average_length)) for c in candidates]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))


def _score(
    candidate: Candidate, weights: Mapping[str, float], idf: Mapping[str, float], whole: float, average: float
) -> float:
    length = len(candidate.title) * TITLE_TIMES + len(candidate.body)
    norm = K1 * (1 - B + B * length / max(average, 1.0))
    score = covered = 0.0
    for token, weight in weights.items():
        tf = candidate.title.count(token) * TITLE_TIMES + candidate.body.count(token)
        if tf:
            score += weight * idf[token] * tf * (K1 + 1) / (tf + norm)
            covered += idf[token]
    return score * (1 + COVERAGE_WEIGHT * covered / whole)
