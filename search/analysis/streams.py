"""Token streams. Pairs of characters decide what matches, words only rank: see docs/decisions/0004."""

from __future__ import annotations

import re
from collections.abc import Iterator

import rjieba

from estates.unit_codes import NO_ENTRANCE, UnitCode, find_units, fold
from search.analysis.normalise import normalise

HAN = r"\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
RUN = re.compile(
    rf"(?P<han>[{HAN}]+)|(?P<other>[^\W_{HAN}]+)|(?P<symbol>[^\w\s!-/:-@\[-`{{-~\u2000-\u206f\u3000-\u303f])"
)
RECORD_NUMBER = re.compile(r"(?<![a-z0-9-])[a-z0-9]{2,8}-[a-z]{2}-\d{4}-\d{3,8}(?![a-z0-9-])")
QUESTION_WORDS = "什么|怎么|怎么办|怎样|如何|是否|为什么|哪里|哪些|请问|可以|能否|应该|需要"
EMPTY_WORDS = "我们|你们|他们|这个|那个|以及|还是|或者"
STOP_WORDS = frozenset([*QUESTION_WORDS.split("|"), *EMPTY_WORDS.split("|")])
LONGEST_RUN = 64


def gram_stream(text: str) -> list[str]:
    """The positions of a text: for each Chinese run its pairs and then its last character; other runs whole.

    A phrase of consecutive tokens of this stream is a substring of the text, and the reverse.
    """
    stream: list[str] = []
    for run, is_han in _runs(text):
        stream.extend(_grams(run) if is_han else [run])
    return stream


def phrase_tokens(text: str) -> tuple[list[str], bool]:
    """A query phrase as consecutive tokens of `gram_stream`, and whether the last one is the start of a token."""
    runs = list(_runs(text))
    tokens: list[str] = []
    for position, (run, is_han) in enumerate(runs):
        if not is_han:
            tokens.append(run)
        elif position < len(runs) - 1:
            tokens.extend(_grams(run))
        elif len(run) == 1:
            return [*tokens, run], True
        else:
            tokens.extend(_grams(run)[:-1])
    return tokens, False


def word_tokens(text: str) -> list[str]:
    """Words of a text, longest cut in two ways (search mode), stop words and single characters left out."""
    words = rjieba.cut_for_search(normalise(text), hmm=True)
    return [w for word in words if len(w := word.strip()) > 1 and w not in STOP_WORDS and RUN.fullmatch(w)]


def code_tokens(text: str) -> list[str]:
    """Tokens of the units and record numbers named in a text; a unit also by what a person may leave out."""
    tokens = [token for unit in find_units(fold(text)) for token in unit_tokens(unit.code)]
    return tokens + [f"n{number}" for number in RECORD_NUMBER.findall(normalise(text))]


def unit_tokens(code: UnitCode) -> list[str]:
    """`u3-2-1201`, and `u3--1201` for a query that leaves out the entrance."""
    whole = f"u{code}".lower()
    return [whole, unit_query_token(UnitCode(code.building, NO_ENTRANCE, code.room))]


def unit_query_token(code: UnitCode) -> str:
    if code.entrance == NO_ENTRANCE:
        return f"u{code.building}--{code.room}".lower()
    return f"u{code}".lower()


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    for match in RUN.finditer(normalise(text)):
        run = match.group()
        if match.lastgroup == "other":
            run = run[:LONGEST_RUN]
        yield run, match.lastgroup == "han"


def _grams(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] + [run[-1]]
