"""Looks at an uploaded photo once: is it one, when was it taken, and what may be shown of it."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import IO, TypeAlias

from django.conf import settings
from django.core.files.base import File
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError
from pillow_heif import register_heif_opener

from media import exif

register_heif_opener()

EXTENSIONS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp", "HEIF": "heic"}
WEBP_MAX_PIXELS = 24_000_000
"""Pillow decodes WebP through several full canvases: 40 megapixels took 605 MB."""

COPY_EDGE = 2560
COPY_QUALITY = 88
CHUNK = 1 << 20
Stream: TypeAlias = "IO[bytes] | File[bytes]"
BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, struct.error, Image.DecompressionBombError)


class PhotoError(ValueError):
    """The file cannot be used as a photo; the message says why and what to do, in the user's language."""


@dataclass(frozen=True, slots=True)
class InspectedPhoto:
    """`copy` is a JPEG of at most 2560 px a side, turned right, without metadata: the only one ever served."""

    extension: str
    sha256: str
    size: int
    captured_at: datetime | None
    copy: bytes
    copy_width: int
    copy_height: int


def inspect_photo(stream: Stream) -> InspectedPhoto:
    """Decodes once, bounded in pixels. Raises PhotoError for whatever is not a whole JPEG, PNG, WebP or HEIC."""
    sha256, size = digest(stream)
    if size == 0:
        raise PhotoError(_("文件是空的。请重新选择照片。"))
    stream.seek(0)
    try:
        with _open(stream) as image:
            extension = EXTENSIONS[image.format or ""]
            captured_at = exif.captured_at(image)
            served = _served_version(image)
    except PhotoError:
        raise
    except BROKEN as error:
        raise PhotoError(_("照片不完整或已损坏，无法读取。请从手机相册重新选择，或重新拍一张。")) from error
    finally:
        stream.seek(0)
    buffer = BytesIO()
    served.save(buffer, "JPEG", quality=COPY_QUALITY, icc_profile=served.info.get("icc_profile"))
    return InspectedPhoto(extension, sha256, size, captured_at, buffer.getvalue(), served.width, served.height)


def digest(stream: Stream) -> tuple[str, int]:
    """SHA-256 in hexadecimal, and the length in bytes."""
    stream.seek(0)
    made, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        made.update(chunk)
        size += len(chunk)
    return made.hexdigest(), size


def _open(stream: Stream) -> Image.Image:
    try:
        image = Image.open(stream)
    except Image.DecompressionBombError as error:
        raise PhotoError(_too_many_pixels(settings.PHOTO_MAX_PIXELS)) from error
    except UnidentifiedImageError as error:
        raise PhotoError(_("这个文件不是照片。请选择 JPEG、PNG、WebP 或 HEIC 照片。")) from error
    if image.format not in EXTENSIONS:
        raise PhotoError(
            _("这个文件其实是 %(format)s 格式，不能使用。请选择 JPEG、PNG、WebP 或 HEIC 照片。")
            % {"format": image.format}
        )
    limit = min(settings.PHOTO_MAX_PIXELS, WEBP_MAX_PIXELS) if image.format == "WEBP" else settings.PHOTO_MAX_PIXELS
    if image.width * image.height > limit:
        raise PhotoError(_too_many_pixels(limit))
    return image


def _too_many_pixels(limit: int) -> str:
    return _("照片的像素太多，上限是 %(limit)d 百万像素。请缩小后再传。") % {"limit": limit // 1_000_000}


def _served_version(image: Image.Image) -> Image.Image:
    icc_profile = image.info.get("icc_profile")
    image.draft("RGB", (COPY_EDGE, COPY_EDGE))
    image.thumbnail((COPY_EDGE, COPY_EDGE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    plain = _without_alpha(exif.turned(image))
    plain.info.clear()
    if icc_profile and image.mode == "RGB":
        plain.info["icc_profile"] = icc_profile
    return plain


def _without_alpha(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    ground = Image.new("RGB", layered.size, "white")
    ground.paste(layered, mask=layered.getchannel("A"))
    return ground
