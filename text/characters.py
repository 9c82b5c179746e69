"""Characters that nobody sees, and characters that are another one in disguise."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

ZERO_WIDTH_JOINER = 0x200D
EMOJI_SELECTORS = (0xFE0E, 0xFE0F)
KEYCAP = 0x20E3
BLACK_FLAG = 0x1F3F4
TAGS = range(0xE0020, 0xE0080)
"""They spell the region of a flag after BLACK_FLAG, and are invisible anywhere else."""

UNSEEN = frozenset(
    [
        0x034F,
        *range(0x115F, 0x1161),
        *range(0x17B4, 0x17B6),
        *range(0x180B, 0x1810),
        *range(0x2065, 0x2066),
        0x3164,
        0xFFA0,
        *range(0xFE00, 0xFE10),
        *range(0xFFF0, 0xFFF9),
        *range(0xE0000, 0xE1000),
    ]
)
"""Default_Ignorable_Code_Point of the Unicode database, without the general category Cf, which is asked for itself."""

LINE_ENDS = "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
OTHER_PICTOGRAPHS = "‼⁉ℹ↔↕〰▪▫◻◼◽◾"
"""Emoji that are no symbols by their general category."""

BLANKS = "\u2800"
"""Drawn as nothing although it is a symbol: the empty Braille cell."""

EQUIVALENTS = (
    (0x2E81, "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵"),
    (0x2E9B, "旡日月歺"),
    (
        0x2EA0,
        "民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀",
    ),
    (0x31CF, "乀一丨丿丿丶𠃍乛𠃊𠃎𠄌亅𡿨𠃋乀𠃑乚乙𠄎"),
)
"""From a first code point on: the unified ideographs that look the same (EquivalentUnifiedIdeograph of the Unicode
database), where compatibility normalisation does not say so already."""

UNIFIED = {start + n: char for start, chars in EQUIVALENTS for n, char in enumerate(chars)}


def is_unseen(char: str) -> bool:
    """It draws nothing, wherever it stands: formats, selectors, fillers, and what XML forbids."""
    return ord(char) in UNSEEN or _category(char) == "Cf" or is_forbidden(char)


def is_forbidden(char: str) -> bool:
    """No XML document may hold it: controls but for tab and line feed, half surrogates, and what is no character."""
    code = ord(char)
    if _category(char) in ("Cc", "Cs"):
        return char not in "\t\n"
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF  # noqa: PLR2004


@lru_cache(maxsize=4096)
def _category(char: str) -> str:
    return unicodedata.category(char)


def is_pictograph(char: str) -> bool:
    """May it be part of an emoji that joiners put together?"""
    return _category(char) in ("So", "Sk") or char in OTHER_PICTOGRAPHS


def is_ideograph(char: str) -> bool:
    return unicodedata.name(char, "").startswith("CJK ")


def is_mongolian(char: str) -> bool:
    return "\u1820" <= char <= "\u1878"
