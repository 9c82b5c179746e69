"""Pictures for people outside carry who got them, burnt in."""

from __future__ import annotations

from io import BytesIO
from typing import IO

from PIL import Image, ImageDraw, ImageFont

from exchange.printing import FONT

ANGLE, LIGHT = 24, 88
"""Degrees, and opacity of 255."""


def watermarked(picture: IO[bytes], words: str) -> bytes:
    """The picture as a JPEG with the words all over it, slanted."""
    with Image.open(picture) as opened:
        ground = opened.convert("RGBA")
    size = max(ground.width // 40, 14)
    font = ImageFont.truetype(str(FONT), size)
    span = int((ground.width**2 + ground.height**2) ** 0.5)
    veil = Image.new("RGBA", (span, span), (0, 0, 0, 0))
    pen = ImageDraw.Draw(veil)
    step = int(pen.textlength(words, font)) + size * 3
    for row, y in enumerate(range(0, span, size * 6)):
        for x in range(-(row % 2) * step // 2, span, step):
            pen.text((x, y), words, (90, 90, 90, LIGHT), font)
    turned = veil.rotate(ANGLE)
    left, top = (span - ground.width) // 2, (span - ground.height) // 2
    ground.alpha_composite(turned.crop((left, top, left + ground.width, top + ground.height)))
    buffer = BytesIO()
    ground.convert("RGB").save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
