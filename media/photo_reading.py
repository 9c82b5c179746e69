"""Photos are decoded one at a time in a bounded process (decision 0028)."""

from __future__ import annotations

import json
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from media.inspection import InspectedPhoto, PhotoError, Stream
from running.bounded import Bounds, OutOfBounds, in_bounds

READER = "media.photo_reader:read"
PASSED_ON = ("TIME_ZONE", "PHOTO_MAX_PIXELS", "PHOTO_MAX_BYTES")


def read_photo(stream: Stream) -> InspectedPhoto:
    """As `inspect_photo`, out of this process. Raises PhotoError, and running.bounded.Busy when no turn came."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    passed = {name: getattr(settings, name) for name in PASSED_ON}
    passed |= {"LANGUAGE_CODE": language, "LOCALE_PATHS": [str(path) for path in settings.LOCALE_PATHS]}
    bounds = Bounds(memory=settings.DECODING_MAX_BYTES, seconds=settings.DECODING_SECONDS, queue="photos")
    try:
        made = in_bounds(READER, stream, passed, bounds=bounds)
    except OutOfBounds as error:
        raise PhotoError(_("这张照片太复杂，无法读取。请在手机上截图或缩小后再传。")) from error
    head, _line, copy = made.partition(b"\n")
    told = json.loads(head)
    if "problem" in told:
        raise PhotoError(told["problem"])
    if told["captured_at"]:
        told["captured_at"] = datetime.fromisoformat(told["captured_at"])
    return InspectedPhoto(**told, copy=copy)
