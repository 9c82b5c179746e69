"""Two texts that a reader takes for the same become the same: width, case, script, dashes."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import opencc

DASHES = re.compile("[‐‑‒–—―−﹣－~〜]")
SPACED_OUT = re.compile(r"(?<![^\s])[\u3400-\u9fff](?:[ \u3000][\u3400-\u9fff])+(?![^\s])")


@lru_cache(maxsize=2)
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


@lru_cache(maxsize=32)
def normalise(text: str) -> str:
    """NFKC, lower case, traditional to simplified, one kind of dash. Applying it twice changes nothing more.

    The last few texts are remembered: each stream of a document asks for the same ones.
    """
    folded = unicodedata.normalize("NFKC", text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8"))
    folded = unicodedata.normalize("NFKC", folded.lower())
    return DASHES.sub("-", str(_converter("t2s").convert(folded)))


def in_mainland_words(text: str) -> str:
    """As `normalise`, with Taiwan's words in the mainland's (軟體 → 软件): a second reading of a query."""
    return normalise(str(_converter("tw2sp").convert(text.encode("utf-8", "replace").decode("utf-8"))))


def without_stray_blanks(text: str) -> str:
    """`电 梯` → `电梯`: single Chinese characters, each between blanks, belong together."""
    return SPACED_OUT.sub(lambda found: "".join(found.group().split()), text)
