"""Looks at a photo in a process of its own (`running.bounded`): a bomb fills that one, never ours.

Answers with a line of JSON and the bytes of the served copy, or with {"problem": "…"} in the asker's language.
"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from typing import IO

import django
from django.conf import settings
from django.utils import translation


def read(source: IO[bytes], arguments: dict[str, object]) -> bytes:
    """Runs without the site: settings are what the asker passed on, and no app is loaded."""
    language = str(arguments.pop("LANGUAGE_CODE"))
    settings.configure(INSTALLED_APPS=[], LANGUAGE_CODE=language, USE_I18N=True, USE_TZ=True, **arguments)
    django.setup()
    translation.activate(language)
    from media.inspection import PhotoError, inspect_photo  # noqa: PLC0415  needs settings

    try:
        seen = inspect_photo(source)
    except PhotoError as error:
        return json.dumps({"problem": str(error)}).encode()
    told = {one.name: getattr(seen, one.name) for one in fields(seen) if one.name != "copy"}
    return json.dumps(told, default=datetime.isoformat).encode() + b"\n" + seen.copy
