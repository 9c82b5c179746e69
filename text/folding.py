"""A text as it is compared: what a reader takes for the same is the same.

Nothing folded is ever stored or shown. `Folded.origin` leads back, so that what was found can be marked or masked in
the text as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from text.characters import BLANKS, LINE_ENDS, UNIFIED, is_unseen

DOTS = "·•‧∙⋅●・･．。｡․・᛫⸱𐄁⦁◦‣ꞏ"
COMMAS = "，、､﹐﹑"
DASHES = "\u2212\u2043\u30fc\uff70\u2500\u2501\u02d7\u2796\u31d0\u2574\u2576~～〜∼˜"
BRACKETS = {"Ps": "(", "Pe": ")"}
ONE_TO_ONE = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, DOTS), "."),
    **dict.fromkeys(map(ord, COMMAS), ","),
    **dict.fromkeys(map(ord, DASHES), "-"),
    **dict.fromkeys(map(ord, "［【〔〖「『《〈｛[{"), "("),
    **dict.fromkeys(map(ord, "］】〕〗」』》〉｝]}"), ")"),
    **dict.fromkeys(map(ord, "\u3000\u00a0\t"), " "),
    **dict.fromkeys(map(ord, "–—‐‑‒―"), "-"),
    **UNIFIED,
}
SIMPLE = re.compile(
    "[\t\n -~\u00a0\u00b7\u2010-\u2015\u2018\u2019\u201c\u201d\u2022\u3000-\u3005\u3008-\u3011\u3014-\u3017"
    "\u3041-\u3096\u30a1-\u30fc\u3400-\u9fff\uff01-\uff5e]*"
)
"""Each character of these folds by itself into one."""


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is folded; its character number n came from position `origin[n]` of the original."""

    text: str
    origin: tuple[int, ...] | range

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the part `start` to `end` (not empty) of the folded text stands in the original."""
        return self.origin[start], self.origin[end - 1] + 1


def fold(text: str) -> str:
    return fold_with_origin(text).text


def fold_with_origin(text: str) -> Folded:
    """One kind of space, dash, dot, comma, bracket and digit; compatibility forms and radicals as the characters that
    they look like; nothing unseen, no accents put on from outside. Case and script stay."""
    if SIMPLE.fullmatch(text):
        return Folded(text.translate(ONE_TO_ONE), range(len(text)))
    pieces = [_folded(char) for char in text]
    origin = [position for position, piece in enumerate(pieces) for _char in piece]
    return Folded("".join(pieces), tuple(origin))


@lru_cache(maxsize=8192)
def _folded(char: str) -> str:
    """What one character becomes; empty where it is not seen."""
    if char == "\n":
        return char
    if char in LINE_ENDS or char in BLANKS:
        return " "
    if is_unseen(char) or unicodedata.category(char) in ("Mn", "Me"):
        return ""
    if (digit := _digit(char)) is not None:
        return digit
    if known := ONE_TO_ONE.get(ord(char)):
        return known
    plain = unicodedata.normalize("NFKC", char)
    return "".join(_plain(one) for one in plain) if plain != char else _plain(char)


def _plain(char: str) -> str:
    if known := ONE_TO_ONE.get(ord(char)):
        return known
    category = unicodedata.category(char)
    if category in ("Mn", "Me") or is_unseen(char):
        return ""
    if category == "Zs":
        return " "
    if category == "Pd":
        return "-"
    return BRACKETS.get(category, char)


def _digit(char: str) -> str | None:
    """0 to 9 for every way to write that one digit, circled and superscript ones too; not for Chinese numerals, which
    are words."""
    value = unicodedata.digit(char, None)
    if value is None and unicodedata.category(char) == "Nl" and char != "〇":
        numeric = unicodedata.numeric(char, -1)
        value = int(numeric) if numeric in range(10) and "HANGZHOU" in unicodedata.name(char, "") else None
    return None if value is None else str(value)
