"""Printed pages by Typst with a packaged Chinese font. A character the font lacks is never dropped in silence."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
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


def missing_glyphs(text: str) -> tuple[str, ...]:
    """The characters that the font lacks, each once."""
    glyphs = _glyphs()
    return tuple(dict.fromkeys(char for char in text if ord(char) not in glyphs and char not in INVISIBLE))


def printable(text: str) -> Printable:
    missing = missing_glyphs(text)
    shown = "".join(GETA if char in missing else char for char in text if char not in INVISIBLE or char == "\n")
    return Printable(shown, missing)


def typeset(template: Path, data: Mapping[str, object], files: Mapping[str, bytes]) -> bytes:
    """A PDF of the Typst template, which reads `data.json` and the files by their names. Without files it is made in
    memory and nothing of `data` touches a disk: sheets with personal data have none.

    Raises typst.TypstError when the template cannot be compiled.
    """
    made = _made(template, data, files, format="pdf")
    return made if isinstance(made, bytes) else b"".join(made)


def typeset_pages(
    template: Path, data: Mapping[str, object], files: Mapping[str, bytes], *, ppi: int = 96
) -> list[bytes]:
    """As `typeset`, each page as a PNG: for looking at."""
    made = _made(template, data, files, format="png", ppi=ppi)
    return [made] if isinstance(made, bytes) else list(made)


def _made(
    template: Path, data: Mapping[str, object], files: Mapping[str, bytes], **options: object
) -> bytes | list[bytes]:
    parts = {"main.typ": template.read_bytes(), "data.json": json.dumps(data, ensure_ascii=False).encode(), **files}
    if not files:
        return _compile(parts, **options)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in parts.items():
            (Path(folder) / name).write_bytes(content)
        return _compile(str(Path(folder) / "main.typ"), root=folder, **options)


def _compile(project: object, **options: object) -> bytes | list[bytes]:
    """The stubs do not know that a project may be a mapping."""
    compile_any: Callable[..., bytes | list[bytes]] = typst.compile
    return compile_any(project, font_paths=[str(FONT.parent)], ignore_system_fonts=True, **options)
