"""*Did you mean*: asked only when nothing was found, answered only with words that this person's records hold.

A Chinese word may sound otherwise than meant or differ by a character; letters may be a word's pinyin, or a Latin word
with one slip of the fingers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from pypinyin import lazy_pinyin

from search import analysis
from search.analysis.people import SPELLED, spelling_code
from search.analysis.streams import HAN_CHARACTER
from search.engines.base import Candidate, Engine
from search.language import parse
from search.queries import Alternative, Code, Query, Selection, Term

SHORTEST, LONGEST = 2, 8
READ = 60
"""So many records are read for words that resemble the one that was typed."""

TRIED, SHOWN = 6, 3
LETTERS = re.compile(r"[a-z][a-z0-9]{2,11}")
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
ASKED_AT_ONCE = 300


def did_you_mean(engine: Engine, text: str, query: Query) -> tuple[str, ...]:
    """Up to three texts that find something, each with one word of the typed text put right."""
    found: list[str] = []
    for word in _unknown_words(engine, query):
        written = text if word in text else analysis.normalise(text)
        resembling = _resembling_letters if LETTERS.fullmatch(word) else _resembling
        for better in resembling(engine, word, query.selection)[:TRIED]:
            corrected = written.replace(word, better, 1)
            asked = parse(corrected, audience=query.selection.audience).selection
            asked = replace(asked, facets=query.selection.facets)
            if corrected not in (text, *found) and engine.counts(asked).total:
                found.append(corrected)
            if len(found) == SHOWN:
                return tuple(found)
    return tuple(found)


def _unknown_words(engine: Engine, query: Query) -> Iterator[str]:
    """The words of the query, Chinese or Latin, that no record of this person holds."""
    for group in query.selection.groups:
        first = group[0]
        if not isinstance(first, Term) or not _is_word(first.text):
            continue
        if not engine.counts(Selection(query.selection.audience, groups=(group,))).total:
            yield first.text


def _is_word(text: str) -> bool:
    if LETTERS.fullmatch(text):
        return True
    return SHORTEST <= len(text) <= LONGEST and all(HAN_CHARACTER.match(char) for char in text)


def _resembling_letters(engine: Engine, word: str, selection: Selection) -> list[str]:
    """Title words of this person's records of which the letters are the pinyin, then Latin words one slip away; the
    most frequent first."""
    spelled = Selection(selection.audience, groups=((Code(word, f"{SPELLED}{word}"),),), facets=selection.facets)
    counted = Counter(
        piece
        for candidate in engine.candidates(spelled, {}, READ)
        for piece in analysis.words(candidate.title)
        if spelling_code(piece) == f"{SPELLED}{word}"
    )
    near = list(_slips(word))
    known: dict[str, int] = {}
    for start in range(0, len(near), ASKED_AT_ONCE):
        known |= engine.statistics(near[start : start + ASKED_AT_ONCE], selection.audience).frequency
    latin = sorted((one for one in near if known[one]), key=lambda one: (-known[one], one))
    return [*sorted(counted, key=lambda piece: (-counted[piece], piece)), *latin]


def _slips(word: str) -> Iterator[str]:
    """Every text one slip away: a letter left out, two swapped, one wrong, one too many."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    near = {left + right[1:] for left, right in cuts if right}
    near |= {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    near |= {left + letter + right[1:] for left, right in cuts if right for letter in ALPHABET}
    near |= {left + letter + right for left, right in cuts for letter in ALPHABET}
    yield from sorted(near - {word})


def _resembling(engine: Engine, word: str, selection: Selection) -> list[str]:
    """Words of this person's records that sound the same or differ by one character: as long as it first, then the most
    frequent."""
    counted: Counter[str] = Counter()
    like: dict[str, bool] = {}
    for candidate in _records_with_a_like(engine, word, selection):
        for piece in _pieces(f"{candidate.title}\n{candidate.body}", word):
            if piece not in like:
                like[piece] = piece not in word and _is_like(piece, word)
            if like[piece]:
                counted[piece] += 1
    return sorted(counted, key=lambda piece: (abs(len(piece) - len(word)), -counted[piece], piece))


def _records_with_a_like(engine: Engine, word: str, selection: Selection) -> Iterator[Candidate]:
    """Records with a title word that sounds the same, and records that hold all characters of the word but one."""
    ways: list[tuple[tuple[Alternative, ...], ...]] = [((Code(word, spelling_code(word)),),)]
    for left_out in range(len(word)):
        rest = dict.fromkeys(word[:left_out] + word[left_out + 1 :])
        ways.append(tuple((Term(char, (), (char,)),) for char in rest))
    for groups in ways:
        narrowed = Selection(selection.audience, groups=groups, facets=selection.facets)
        yield from engine.candidates(narrowed, {}, READ)


def _pieces(text: str, word: str) -> set[str]:
    """Every piece of the text that is as long as the word, or one character shorter or longer."""
    lengths = {len(word), max(len(word) - 1, SHORTEST), len(word) + 1}
    return {text[start : start + length] for length in lengths for start in range(len(text) - length + 1)}


def _is_like(piece: str, word: str) -> bool:
    if not all(HAN_CHARACTER.match(char) for char in piece):
        return False
    if _sounds_alike(piece, word):
        return True
    if len(word) == SHORTEST:  # one common character of two says little: the other must nearly sound the same
        return len(piece) == len(word) and _one_edit("".join(_sounds(piece)), "".join(_sounds(word)))
    return _one_edit(piece, word)


def _sounds_alike(piece: str, word: str) -> bool:
    return len(piece) == len(word) and _sounds(piece) == _sounds(word)


def _sounds(word: str) -> tuple[str, ...]:
    return tuple(_sound(char) for char in word)


@lru_cache(maxsize=8192)
def _sound(char: str) -> str:
    return str(lazy_pinyin(char)[0])


def _one_edit(left: str, right: str) -> bool:
    """One character replaced, added or left out."""
    a, b = sorted((left, right), key=len)
    if len(b) - len(a) > 1 or a == b:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    return a[start:] == b[start + 1 :] if len(a) < len(b) else a[start + 1 :] == b[start + 1 :]
