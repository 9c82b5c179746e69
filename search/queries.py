"""A question to the index, and the answer. Frozen, engine-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from estates.unit_codes import find_units, fold
from search.analysis import code_tokens, normalise, phrase_tokens, word_tokens
from search.analysis.streams import RECORD_NUMBER, unit_query_token

LONGEST_QUERY = 400
MOST_TERMS = 24


@dataclass(frozen=True, slots=True)
class Term:
    """Consecutive tokens; the last one is only the beginning of a token when `open_ended`."""

    tokens: tuple[str, ...]
    text: str
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """Everything is required together: terms in the text, codes, facets; `audience` None asks for no permission."""

    terms: tuple[Term, ...]
    words: tuple[str, ...]
    codes: tuple[str, ...]
    audience: frozenset[str] | None
    facets: Mapping[str, str] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()
    by_date: bool = False
    offset: int = 0
    limit: int = 20

    @property
    def is_empty(self) -> bool:
        return not (self.terms or self.codes)


@dataclass(frozen=True, slots=True)
class Hit:
    kind: str
    id: int
    score: float


@dataclass(frozen=True, slots=True)
class Results:
    """`total` counts records that hold everything asked for; `loosened` says that `hits` hold only a part."""

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, tuple[tuple[str, int], ...]]
    loosened: bool = False


def parse(  # noqa: PLR0913  each is a part of the question
    text: str,
    *,
    audience: frozenset[str] | None,
    facets: Mapping[str, str] | None = None,
    kinds: frozenset[str] = frozenset(),
    by_date: bool = False,
    offset: int = 0,
    limit: int = 20,
) -> Query:
    """Units and record numbers are recognised anywhere; the rest splits at blanks into terms. Never an error."""
    text = text[:LONGEST_QUERY]
    rest, codes = _take_codes(text)
    terms = []
    for word in rest.split()[:MOST_TERMS]:
        tokens, open_ended = phrase_tokens(word)
        if tokens:
            terms.append(Term(tuple(tokens), normalise(word), open_ended))
    return Query(
        terms=tuple(terms),
        words=tuple(dict.fromkeys(word_tokens(rest))),
        codes=codes,
        audience=audience,
        facets=facets or {},
        kinds=kinds,
        by_date=by_date,
        offset=offset,
        limit=limit,
    )


def _take_codes(text: str) -> tuple[str, tuple[str, ...]]:
    folded = fold(text)
    codes: list[str] = []
    rest, end = [], 0
    for unit in find_units(folded):
        codes.append(unit_query_token(unit.code))
        rest.append(folded[end : unit.start])
        end = unit.end
    remainder = normalise(" ".join([*rest, folded[end:]]) if codes else text)
    codes += [token for token in code_tokens(remainder) if token.startswith("n")]
    return RECORD_NUMBER.sub(" ", remainder), tuple(dict.fromkeys(codes))
