"""How a question is answered, the same for every engine: strictly first, then loosely, ranked here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from search import analysis
from search.engines.base import Engine, Statistics
from search.fusion import fuse
from search.meaning.encoder import Meaning
from search.queries import Audience, Hit, Query, Results, Selection, Term
from search.ranking import GRAM_WEIGHT, rank, weighted_tokens, whole_weights

CANDIDATES = 200
COMMON_SHARE, COMMON_LEAST = 0.05, 10
LOOSE_TOKENS = 32
TELLING_WORDS = 10
NEAREST = 50
Understand = Callable[[str], Meaning | None]


def search(engine: Engine, query: Query, *, understand: Understand = lambda text: None) -> Results:
    """Records that hold everything first; when they fill less than a page, records that hold a part follow, and, where
    `understand` tells what the question means, records that mean it, each where it deserves to be."""
    counts = engine.counts(query.selection)
    if query.by_date or not query.asks_for_text:
        newest = engine.newest(query.selection, len(query.seen) + query.limit)
        return Results(_page(newest, query), counts.total, counts.facets)
    weights = weighted_tokens(query)
    statistics = engine.statistics(list(weights), query.selection.audience)
    wanted = max(CANDIDATES, len(query.seen) + query.limit)
    steps = whole_weights(weights, statistics)
    ranked = rank(engine.candidates(query.selection, steps, wanted), weights, statistics) if counts.total else []
    extra: list[Hit] = []
    if counts.total < query.limit:
        if loose := _loosely(query, statistics):
            extra = rank(engine.candidates(loose, steps, wanted), weights, statistics)
        extra = fuse(extra, _nearest(engine, query, understand))
        known = {(hit.kind, hit.id) for hit in ranked}
        extra = [hit for hit in extra if (hit.kind, hit.id) not in known]
    return Results(_page([*ranked, *extra], query), counts.total, counts.facets, loosened=bool(extra))


def _nearest(engine: Engine, query: Query, understand: Understand) -> Sequence[Hit]:
    """What means most nearly what was asked in plain words; units, numbers and whatever was excluded count as ever."""
    question = understand(query.plain) if query.plain and not query.seen else None
    return engine.nearest(_freed(query.selection), question, NEAREST) if question else ()


def _freed(selection: Selection) -> Selection:
    """Without the words."""
    kept = tuple(group for group in selection.groups if not any(isinstance(one, Term) for one in group))
    return replace(selection, groups=kept)


def _page(hits: Sequence[Hit], query: Query) -> tuple[Hit, ...]:
    return tuple(hit for hit in hits if hit.id not in query.seen)[: query.limit]


def _loosely(query: Query, statistics: Statistics) -> Selection | None:
    """Any of the pairs and words that stand in at most one record of twenty; units and numbers stay required."""
    common = max(COMMON_SHARE * statistics.documents, COMMON_LEAST)
    tokens = [token for token in weighted_tokens(query) if len(token) > 1]
    telling = [token for token in tokens if 0 < statistics.frequency.get(token, 0) <= common]
    telling.sort(key=lambda token: (statistics.frequency[token], token))
    if not telling:
        return None
    return replace(_freed(query.selection), any_of=tuple(telling[:LOOSE_TOKENS]))


def similar(engine: Engine, text: str, *, audience: Audience, kind: str, limit: int) -> tuple[Hit, ...]:
    """Records that share the rarest words of the text, the most similar first."""
    words = list(dict.fromkeys(analysis.words(text)))
    statistics = engine.statistics(words, audience)
    known = sorted((statistics.frequency[w], w) for w in words if statistics.frequency.get(w))
    telling = [word for _frequency, word in known[:TELLING_WORDS]]
    if not telling:
        return ()
    weights = dict.fromkeys(telling, GRAM_WEIGHT)
    selection = Selection(audience, facets={"kind": frozenset({kind})}, any_of=tuple(telling))
    candidates = engine.candidates(selection, whole_weights(weights, statistics), CANDIDATES)
    return tuple(rank(candidates, weights, statistics)[:limit])


def titled(engine: Engine, text: str, *, audience: Audience, kinds: frozenset[str], limit: int) -> tuple[Hit, ...]:
    """Records with the text, of two characters at least, in their title; the latest first."""
    found = analysis.phrase(text)
    if not found.grams:
        return ()
    term = Term(analysis.normalise(text), found.grams, found.marks, in_title=True)
    return engine.newest(Selection(audience, groups=((term,),), facets={"kind": kinds}), limit)
