"""Boxes over a photo: which are sound, what they hide, and the pixels that are left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image, ImageFilter

from media.models import PUBLIC_SIZES

Box = tuple[float, float, float, float]
MOST_BOXES = 60
COARSE = 6
"""A blurred box keeps so many cells along its longer edge: no face, plate or door number can be made out."""

QUALITY = 85
TOLERANCE = 1e-3


class UnfitForPublic(ValueError):
    """What was asked about a public photo cannot be done; the message says why, in the user's language."""


def checked_boxes(boxes: Sequence[Box]) -> list[Box]:
    if len(boxes) > MOST_BOXES:
        raise UnfitForPublic(_("模糊区域最多 %(most)d 个。") % {"most": MOST_BOXES})
    if not all(_is_box(box) for box in boxes):
        raise UnfitForPublic(_("模糊区域超出了照片，请重新框选。"))
    return [tuple(round(float(part), 4) for part in box) for box in boxes]  # type: ignore[misc]


def _is_box(box: Box) -> bool:
    left, top, width, height = box
    return 0 <= left < 1 and 0 <= top < 1 and 0 < width <= 1 - left + TOLERANCE and 0 < height <= 1 - top + TOLERANCE


def boxes_of(stored: Iterable[Sequence[float]]) -> list[Box]:
    return [(one[0], one[1], one[2], one[3]) for one in stored]


def all_covered(inner: Iterable[Box], outer: Iterable[Box]) -> bool:
    """Whether each of the inner boxes lies in one of the outer ones."""
    held = list(outer)
    return all(any(_covers(one, box) for one in held) for box in inner)


def _covers(outer: Box, inner: Box) -> bool:
    edges = (inner[0] - outer[0], inner[1] - outer[1])
    ends = (outer[0] + outer[2] - inner[0] - inner[2], outer[1] + outer[3] - inner[1] - inner[3])
    return min(*edges, *ends) >= -TOLERANCE


def blurred(base: bytes, boxes: Iterable[Box], edge: int) -> bytes:
    """The photo as it would be shown, in one size."""
    return _jpeg(_blurred(base, boxes), edge)


def blurred_sizes(base: bytes, boxes: Iterable[Box]) -> list[tuple[str, bytes]]:
    """What is served of the photo: nothing of the camera, nothing below the boxes."""
    image = _blurred(base, boxes)
    return [(size, _jpeg(image, edge)) for size, edge in PUBLIC_SIZES.items()]


def _blurred(base: bytes, boxes: Iterable[Box]) -> Image.Image:
    with Image.open(BytesIO(base)) as opened:
        image = opened.convert("RGB")
    image.info.clear()
    for box in boxes:
        blur_box(image, box)
    return image


def _jpeg(image: Image.Image, edge: int) -> bytes:
    small = image.copy()
    small.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    buffer = BytesIO()
    small.save(buffer, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return buffer.getvalue()


def blur_box(image: Image.Image, box: Box) -> None:
    """Replace the box by a few coarse cells, smoothed. Nothing of what was there can be had back."""
    left, top = int(box[0] * image.width), int(box[1] * image.height)
    right = min(max(round((box[0] + box[2]) * image.width), left + 1), image.width)
    bottom = min(max(round((box[1] + box[3]) * image.height), top + 1), image.height)
    part = image.crop((left, top, right, bottom))
    scale = COARSE / max(part.size)
    cells = part.resize((max(int(part.width * scale), 1), max(int(part.height * scale), 1)), Image.Resampling.BOX)
    smooth = cells.resize(part.size, Image.Resampling.BILINEAR)
    image.paste(smooth.filter(ImageFilter.GaussianBlur(max(part.size) / COARSE / 2)), (left, top))
