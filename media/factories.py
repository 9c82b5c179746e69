"""Sample photos and drawings, drawn: nothing of a real home or person in them."""

from __future__ import annotations

import random
from io import BytesIO
from uuid import uuid4

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from estates.filing_plan import FilePlace
from estates.models import User
from exchange.printing import FONT
from media.models import Photo
from media.services import store_photo

WALLS = ("#d9d4c7", "#c9ced3", "#dcd6cf", "#cfd6cc")
SKIES = (("#f6d9b8", "#7fa9c4"), ("#eef4f2", "#9cc3d8"), ("#f4e7d3", "#b7c6cf"))
STAINS = ("#8a7b5c", "#6f7f86", "#927a68")


def draw_photo(seed: int, *, size: tuple[int, int] = (1200, 900), fmt: str = "JPEG", exif: bytes = b"") -> bytes:
    """A wall with a stain and a crack, different for every seed, the same for the same one."""
    draw_from = random.Random(seed)  # noqa: S311  pictures, not secrets
    wide, high = size
    image = Image.new("RGB", size, draw_from.choice(WALLS))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, int(high * 0.82), wide, high), fill="#a89f91")
    for _ in range(draw_from.randint(3, 7)):
        x, y = draw_from.randint(0, wide), draw_from.randint(0, int(high * 0.6))
        r = draw_from.randint(high // 20, high // 5)
        pen.ellipse((x - r, y - r // 2, x + r, y + r // 2), fill=draw_from.choice(STAINS))
    image = image.filter(ImageFilter.GaussianBlur(high // 60))
    pen = ImageDraw.Draw(image)
    x, y = draw_from.randint(0, wide), 0
    while y < high * 0.8:
        nx, ny = x + draw_from.randint(-wide // 30, wide // 30), y + draw_from.randint(high // 40, high // 14)
        pen.line((x, y, nx, ny), fill="#4b4640", width=max(high // 300, 1))
        x, y = nx, ny
    buffer = BytesIO()
    image.save(buffer, fmt, **({"exif": exif} if exif else {}))
    return buffer.getvalue()


def draw_scene(seed: int, *, size: tuple[int, int] = (2400, 1600)) -> bytes:
    """Sky, hills and houses, different for every seed: for covers."""
    draw_from = random.Random(seed)  # noqa: S311  pictures, not secrets
    wide, high = size
    image = Image.linear_gradient("L").resize(size)
    image = Image.composite(
        Image.new("RGB", size, SKIES[seed % 3][0]), Image.new("RGB", size, SKIES[seed % 3][1]), image
    )
    pen = ImageDraw.Draw(image)
    for depth, tone in enumerate(("#8fb3b0", "#6f9a97", "#4d7f7c")):
        base = high * (0.5 + 0.1 * depth)
        points = [(x, base - draw_from.uniform(0, high * 0.12)) for x in range(0, wide + 1, wide // 8)]
        pen.polygon([(0, high), *points, (wide, high)], fill=tone)
    for _house in range(9):
        left, tall = draw_from.randint(0, wide), draw_from.randint(high // 6, high // 3)
        pen.rectangle((left, high * 0.86 - tall, left + wide // 14, high * 0.86), fill=draw_from.choice(WALLS))
        for row in range(0, tall - high // 30, high // 30):
            for column in (0.2, 0.6):
                x, y = left + wide // 14 * column, high * 0.86 - tall + row + high // 90
                pen.rectangle((x, y, x + wide // 80, y + high // 70), fill="#7d8f96")
    pen.rectangle((0, high * 0.86, wide, high), fill="#567a52")
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def make_photo(by: User, place: FilePlace, *, seed: int = 1, name: str = "IMG_0001.jpg") -> Photo:
    return store_photo(upload=BytesIO(draw_photo(seed)), name=name, place=place, by=by, client_id=uuid4())


def draw_sheets(*titles: str) -> bytes:
    """A PDF with a landscape page for each title: a frame, a plan that differs with the title, a title block."""
    font = ImageFont.truetype(str(FONT), 30)
    sheets = [_sheet(title, font) for title in titles]
    buffer = BytesIO()
    sheets[0].save(buffer, "PDF", save_all=True, append_images=sheets[1:], resolution=110)
    return buffer.getvalue()


def _sheet(title: str, font: ImageFont.FreeTypeFont) -> Image.Image:
    draw_from = random.Random(title)  # noqa: S311  pictures, not secrets
    sheet = Image.new("RGB", (1684, 1190), "white")
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((40, 40, 1644, 1150), outline="black", width=3)
    pen.rectangle((1180, 1040, 1644, 1150), outline="black", width=2)
    pen.text((1204, 1072), title, "black", font)
    for x in range(140, 1500, 190):
        pen.line((x, 120, x, 980), fill="#b8c4c8", width=1)
    for _ in range(14):
        x, y = draw_from.randint(140, 1260), draw_from.randint(130, 820)
        pen.rectangle((x, y, x + draw_from.randint(80, 300), y + draw_from.randint(60, 160)), outline="black", width=3)
    return sheet
