"""What a camera wrote into a photo, read with suspicion: whatever stands there, the photo stays usable."""

from __future__ import annotations

import re
import struct
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone as site_time
from PIL import Image
from PIL.ExifTags import IFD, Base

UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    struct.error,
)
"""What Pillow raises at a block of EXIF that says impossible things."""

FIRST_YEAR = 1990
CLOCK_AHEAD = timedelta(days=1)
FARTHEST = timedelta(hours=14)
MOMENT = re.compile(
    r"\s*(\d{4})[:/.-](\d{1,2})[:/.-](\d{1,2})[T\s]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?:[.,]\d+)?\s*\Z", re.ASCII
)
OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})\Z", re.ASCII)
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def captured_at(image: Image.Image) -> datetime | None:
    """The moment the camera noted: by its own offset where that is one, else in the site's zone. None for a moment
    that no camera can have seen."""
    match = MOMENT.match(_noted(image, Base.DateTimeOriginal))
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=_zone(_noted(image, Base.OffsetTimeOriginal)))
    except ValueError:
        return None
    if year < FIRST_YEAR or year > site_time.now().year + 1:
        return None
    moment = local.astimezone(site_time.get_default_timezone())
    return moment if moment <= site_time.now() + CLOCK_AHEAD else None


def turned(image: Image.Image) -> Image.Image:
    """The image as it was held; an orientation that is none leaves it as it is."""
    try:
        orientation = image.getexif().get(Base.Orientation)
    except UNREADABLE:
        return image
    turn = TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _noted(image: Image.Image, tag: Base) -> str:
    """A text of the camera; empty where there is none, or none that can be read."""
    try:
        value = image.getexif().get_ifd(IFD.Exif).get(tag)
    except UNREADABLE:
        return ""
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return value.strip("\0 ") if isinstance(value, str) else ""


def _zone(offset: str) -> tzinfo:
    if offset in ("Z", "z"):
        return UTC
    if match := OFFSET.match(offset):
        sign, hours, minutes = match.groups()
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        if ahead <= FARTHEST:
            return timezone(ahead if sign == "+" else -ahead)
    return ZoneInfo(settings.TIME_ZONE)
