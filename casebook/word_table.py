"""What the words of a text say about it: category, stage, components. For texts that nobody classified."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

WORDS = Path(__file__).parent / "words.json"


@lru_cache(maxsize=1)
def word_table() -> dict[str, dict[str, list[str]]]:
    table: dict[str, dict[str, list[str]]] = json.loads(WORDS.read_text("utf-8"))
    return table


def most_named(kind: str, text: str) -> str:
    """The value whose words stand in the text most often; unknown stays unknown, a tie goes to the first."""
    counts = {value: sum(text.count(word) for word in words) for value, words in word_table()[kind].items()}
    best = max(counts, key=lambda value: counts[value])
    return best if counts[best] else ""


def parts_named(chosen: Collection[str], title: str, description: str) -> frozenset[str]:
    """The components that somebody chose; where nobody did, those that the words name."""
    return frozenset(chosen) or all_named("components", f"{title}\n{description}")


def all_named(kind: str, text: str) -> frozenset[str]:
    """Every value of which a word stands in the text."""
    values = _values(kind)
    return frozenset(values[word] for word in _pattern(kind).findall(text))


@lru_cache(maxsize=8)
def _values(kind: str) -> dict[str, str]:
    return {word: value for value, words in word_table()[kind].items() for word in words}


@lru_cache(maxsize=8)
def _pattern(kind: str) -> re.Pattern[str]:
    """The longest word first: 地下车库 before 车库."""
    return re.compile("|".join(map(re.escape, sorted(_values(kind), key=lambda word: (-len(word), word)))))
