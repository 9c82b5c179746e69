"""Two texts that a reader takes for the same become the same: width, case, script, dashes."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import opencc

DASHES = re.compile("[‐‑‒–—―−﹣－~〜]")
JOINED = re.compile(r"(?<=[\u3400-\u9fff])[ \u3000](?=[\u3400-\u9fff](?:[ \u3000]|$))")


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=32)
def normalise(text: str) -> str:
    """NFKC, lower case, traditional to simplified, one kind of dash. Applying it twice changes nothing more.

    The last few texts are remembered: each stream of a document asks for the same ones.
    """
    folded = unicodedata.normalize("NFKC", text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8"))
    folded = unicodedata.normalize("NFKC", folded.lower())
    return DASHES.sub("-", str(_converter().convert(folded)))
