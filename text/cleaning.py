"""What may be stored of a text that comes in, from whatever side."""

from __future__ import annotations

import re

from text.characters import (
    BLACK_FLAG,
    BLANKS,
    EMOJI_SELECTORS,
    KEYCAP,
    LINE_ENDS,
    TAGS,
    ZERO_WIDTH_JOINER,
    is_ideograph,
    is_mongolian,
    is_pictograph,
    is_unseen,
)

ORDINARY = re.compile(
    r"[\t\n -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u3000-\u3029\u3041-\u3096\u3400-\u9fff\uff01-\uff60]*"
)
"""Texts of these characters alone, which most are, need no second look."""

BREAKS = re.compile(f"\r\n|[{re.escape(LINE_ENDS)}]")
BLANK = re.compile(f"[{BLANKS}]")
SKIN = range(0x1F3FB, 0x1F400)
MONGOLIAN_SELECTORS = (0x180B, 0x180C, 0x180D, 0x180F)


def clean(text: str) -> str:
    """The text without what nobody sees: format characters (but joiners inside an emoji stay), variation selectors that
    change nothing, fillers, and what XML forbids. Every kind of line end becomes a line feed. All else stays as it was
    written. Cleaning twice changes nothing more.
    """
    if ORDINARY.fullmatch(text):
        return text
    text = BLANK.sub(" ", BREAKS.sub("\n", text))
    kept: list[str] = []
    for position, char in enumerate(text):
        if not is_unseen(char) or _has_a_part(char, kept, text[position + 1 : position + 2]):
            kept.append(char)
    return "".join(kept)


def clean_line(text: str) -> str:
    """As `clean`, on one line: blanks of every kind and number between words are one space, none at the ends."""
    return " ".join(clean(text).split())


def _has_a_part(char: str, before: list[str], after: str) -> bool:
    """Whether an unseen character changes what is drawn, where it stands."""
    code, last = ord(char), before[-1] if before else ""
    if not last:
        return False
    if code in TAGS:
        return ord(last) in TAGS or ord(last) == BLACK_FLAG
    if code in EMOJI_SELECTORS:
        return is_pictograph(last) or (last in "#*0123456789" and after == chr(KEYCAP))
    if code == ZERO_WIDTH_JOINER:
        return bool(after) and is_pictograph(after) and _ends_a_pictograph(before)
    if code in MONGOLIAN_SELECTORS:
        return is_mongolian(last)
    return (0xFE00 <= code <= 0xFE02 or 0xE0100 <= code <= 0xE01EF) and is_ideograph(last)  # noqa: PLR2004


def _ends_a_pictograph(before: list[str]) -> bool:
    last = next((char for char in reversed(before) if ord(char) not in (*EMOJI_SELECTORS, *SKIN)), "")
    return bool(last) and is_pictograph(last)
