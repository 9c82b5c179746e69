"""Pinyin and phone numbers: how staff look for a person in a directory, and for a word they cannot write."""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import lazy_pinyin

from estates.pinyin import typed_keys
from search.analysis.normalise import normalise

SHORTEST_START, TAIL = 3, 4
SPELLED = "y"
LATIN = re.compile(r"[a-z]{1,40}")
DIGITS = re.compile(r"\d{3,15}")


def name_codes(name: str) -> list[str]:
    """`pzhangsan` and `izs` for 张三."""
    initials, spelled = typed_keys(normalise(name))
    return [f"p{spelled}", f"i{initials}"] if LATIN.fullmatch(spelled) else []


@lru_cache(maxsize=8192)
def spelling_code(word: str) -> str:
    """`ydianti` for 电梯: what sounds the same has the same."""
    return f"{SPELLED}{''.join(lazy_pinyin(word)).lower()}"


def phone_codes(phone: str) -> list[str]:
    """Every beginning of three digits and more (`h138` …), and the last four (`t0001`)."""
    digits = "".join(char for char in normalise(phone) if char.isdigit())
    if len(digits) < SHORTEST_START:
        return []
    return [*(f"h{digits[:n]}" for n in range(SHORTEST_START, len(digits) + 1)), f"t{digits[-TAIL:]}"]


def person_query_codes(word: str) -> list[str]:
    """What a typed word may mean about a person: pinyin or initials for letters, part of a phone for digits."""
    plain = normalise(word)
    if LATIN.fullmatch(plain):
        return [f"p{plain}", f"i{plain}"]
    if DIGITS.fullmatch(plain):
        return [f"h{plain}", *([f"t{plain}"] if len(plain) == TAIL else [])]
    return []
