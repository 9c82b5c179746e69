"""Reads PDFs in a process of its own, so that a broken or hostile file can neither crash nor fill ours.

    python -m media.pdf_reader count FILE        (- stands for the bytes on standard input)
    python -m media.pdf_reader page FILE NUMBER EDGE OUT
    python -m media.pdf_reader differences OLD NEW
    python -m media.pdf_reader pages-only -       (answers with a PDF of the same pages, without title and author)

Prints a line of JSON: {"pages": 3}, {"width": 1600, "height": 1131}, {"shares": [0.0, null]}, {"error": "locked"}.
"""

from __future__ import annotations

import io
import json
import resource
import sys

import pypdfium2
from PIL import Image, ImageChops

MEMORY = 2 << 30
STDIN = "-"
LOCKED = "Incorrect password"
COMPARED_EDGE = 900
DIFFERENT = 24
"""Of 255: less is anti-aliasing."""


def picture(document: pypdfium2.PdfDocument, number: int, edge: int) -> Image.Image:
    """Page `number`, counted from 1, at most `edge` pixels a side."""
    page = document[number - 1]
    scale = edge / max(page.get_size())
    drawn: Image.Image = page.render(scale=scale, may_draw_forms=False).to_pil()
    return drawn.convert("RGB")


def differences(old: pypdfium2.PdfDocument, new: pypdfium2.PdfDocument) -> list[float | None]:
    """For each page of the new file the share of its area that differs from the same page of the old one; None where
    there was none, or of another size."""
    return [_difference(old, new, number) if number <= len(old) else None for number in range(1, len(new) + 1)]


def _difference(old: pypdfium2.PdfDocument, new: pypdfium2.PdfDocument, number: int) -> float | None:
    before, after = (picture(one, number, COMPARED_EDGE).convert("L") for one in (old, new))
    if before.size != after.size:
        return None
    counts = ImageChops.difference(before, after).histogram()
    return sum(counts[DIFFERENT:]) / (after.width * after.height)


def pages_only(content: bytes) -> bytes:
    """The same pages in a new document: its title, author and other words about it stay behind."""
    bare, out = pypdfium2.PdfDocument.new(), io.BytesIO()
    bare.import_pages(pypdfium2.PdfDocument(content))
    bare.save(out)
    return out.getvalue()


def answer(arguments: list[str]) -> dict[str, object]:
    act, path, *rest = arguments
    document = pypdfium2.PdfDocument(sys.stdin.buffer.read() if path == STDIN else path)
    if act == "count":
        return {"pages": len(document)}
    if act == "differences":
        return {"shares": differences(document, pypdfium2.PdfDocument(rest[0]))}
    number, edge, out = rest
    shown = picture(document, int(number), int(edge))
    shown.save(out, "JPEG", quality=82)
    return {"width": shown.width, "height": shown.height}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        if sys.argv[1] == "pages-only":
            sys.stdout.buffer.write(pages_only(sys.stdin.buffer.read()))
            return
        told = answer(sys.argv[1:])
    except pypdfium2.PdfiumError as error:
        told = {"error": "locked" if LOCKED in str(error) else "broken"}
    except (MemoryError, ValueError, OverflowError):
        told = {"error": "broken"}
    print(json.dumps(told))  # noqa: T201  its whole purpose


if __name__ == "__main__":
    main()
