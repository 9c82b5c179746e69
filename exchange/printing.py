"""Printed pages by Typst with a packaged Chinese font. A character the font lacks is never dropped in silence."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_zh_cn
import typst
from fontTools.ttLib import TTFont

FONT = Path(str(pylopdf_fonts_zh_cn.sans_path()))
GETA = "〓"
"""The printer's mark for a character that is not in the case."""

INVISIBLE = frozenset("\n\r\t\u200b\u200d\ufe0e\ufe0f\ufeff")


@dataclass(frozen=True, slots=True)
class Printable:
    """Text that the font can show whole; `missing` are the characters that became 〓, each once."""

    text: str
    missing: tuple[str, ...]


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    with TTFont(FONT, lazy=True) as font:
        return frozenset(font.getBestCmap())


def printable(text: str) -> Printable:
    glyphs = _glyphs()
    missing = dict.fromkeys(char for char in text if ord(char) not in glyphs and char not in INVISIBLE)
    shown = "".join(GETA if char in missing else char for char in text if char not in INVISIBLE or char == "\n")
    return Printable(shown, tuple(missing))


def typeset(template: Path, data: Mapping[str, object], files: Mapping[str, bytes]) -> bytes:
    """A PDF of the Typst template. It reads `data.json` and the files by their names.

    Raises typst.TypstError when the template cannot be compiled.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False), "utf-8")
        (root / "main.typ").write_bytes(template.read_bytes())
        for name, content in files.items():
            (root / name).write_bytes(content)
        made = typst.compile(
            str(root / "main.typ"), root=folder, font_paths=[str(FONT.parent)], ignore_system_fonts=True, format="pdf"
        )
    return bytes(made)
