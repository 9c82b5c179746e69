"""Token streams. Pairs of characters decide what matches, words only rank: see docs/decisions/0004.

A text gives four streams. *Grams* have positions, so that consecutive ones are a substring of the text; *marks* say
that a character stands in the text, or follows a run of another kind; *words* come from a dictionary; *codes* name
units, numbers, people. Every token is free of blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import rjieba

from estates.unit_codes import NO_ENTRANCE, UnitCode, find_units, fold
from search.analysis.normalise import normalise

HAN = r"\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
RUN = re.compile(
    rf"(?P<han>[{HAN}]+)|(?P<other>[^\W_{HAN}]+)|(?P<symbol>[^\w\s!-/:-@\[-`{{-~\u2000-\u206f\u3000-\u303f])"
)
HAN_CHARACTER = re.compile(rf"[{HAN}]")
RECORD_NUMBER = re.compile(r"(?<![a-z0-9-])[a-z0-9]{2,8}-[a-z]{2}-\d{4}-\d{3,8}(?![a-z0-9-])")
HYPHENED = re.compile(r"(?<![a-z0-9-])(?=[0-9-]*[a-z])[a-z0-9]+(?:-[a-z0-9]+)+(?![a-z0-9-])")
EMPTY_WORDS = "我们 你们 他们 这个 那个 以及 还是 或者"
QUESTION_WORDS = "为什么 怎么办 什么 怎么 怎样 如何 是否 哪里 哪些 请问 可以 能否 应该 需要"
STOP_WORDS = frozenset([*EMPTY_WORDS.split(), *QUESTION_WORDS.split()])
LONGEST_RUN = 64
EDGE = "_"


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a text must have in its streams to contain another: consecutive `grams`, and every one of `marks`."""

    grams: tuple[str, ...]
    marks: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.grams or self.marks)


def grams(text: str) -> list[str]:
    """The positions of a text: for each Chinese run its pairs and then its last character; other runs whole."""
    stream: list[str] = []
    for run, is_han in _runs(text):
        stream.extend(_pairs(run) if is_han else [run])
    return stream


def marks(text: str) -> list[str]:
    """Each Chinese character once, and for each Chinese run what it follows: `b1_层` for B1层."""
    found: dict[str, None] = {}
    before = ""
    for run, is_han in _runs(text):
        if is_han:
            found.update(dict.fromkeys(run))
            if before:
                found[_edge(before, run)] = None
        before = run
    return list(found)


def phrase(text: str) -> Phrase:
    """The text as a phrase: it matches where it is a substring, whole runs of letters and digits apart."""
    runs = list(_runs(text))
    tokens: list[str] = []
    found: list[str] = []
    for position, (run, is_han) in enumerate(runs):
        if not is_han:
            tokens.append(run)
        elif position < len(runs) - 1:
            tokens.extend(_pairs(run))
        elif len(run) > 1:
            tokens.extend(_pairs(run)[:-1])
        else:
            found.append(_edge(runs[position - 1][0], run) if position else run)
    return Phrase(tuple(tokens), tuple(found))


def words(text: str) -> list[str]:
    """Words of a text, longest cut in two ways (search mode), stop words and single characters left out."""
    cut = rjieba.cut_for_search(normalise(text), hmm=True)
    kept = (word.strip()[:LONGEST_RUN] for word in cut)
    return [word for word in kept if len(word) > 1 and word not in STOP_WORDS and RUN.fullmatch(word)]


def codes(text: str) -> list[str]:
    """Tokens of the units, record numbers and hyphened words named in a text."""
    plain = normalise(text)
    units = [token for unit in find_units(fold(text)) for token in unit_codes(unit.code)]
    numbers = [number_code(number) for number in RECORD_NUMBER.findall(plain)]
    return [*units, *numbers, *(joined_code(word) for word in HYPHENED.findall(plain))]


def unit_codes(code: UnitCode) -> list[str]:
    """`u3-2-1201`, and `u3--1201` for a query that leaves out the entrance."""
    return [f"u{code}".lower(), unit_query_code(UnitCode(code.building, NO_ENTRANCE, code.room))]


def unit_query_code(code: UnitCode) -> str:
    if code.entrance == NO_ENTRANCE:
        return f"u{code.building}--{code.room}".lower()
    return f"u{code}".lower()


def number_code(number: str) -> str:
    return f"n{normalise(number)}"


def joined_code(word: str) -> str:
    """`jwifi` for wi-fi: a query may write it in one."""
    return f"j{word.replace('-', '')}"[:LONGEST_RUN]


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    for match in RUN.finditer(normalise(text)):
        run = match.group()
        if match.lastgroup == "other":
            run = run[:LONGEST_RUN]
        yield run, match.lastgroup == "han"


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] + [run[-1]]


def _edge(before: str, run: str) -> str:
    """The last character of a Chinese run, or a whole run of another kind, and the first character of the next."""
    return f"{before[-1] if HAN_CHARACTER.match(before) else before}{EDGE}{run[0]}"
