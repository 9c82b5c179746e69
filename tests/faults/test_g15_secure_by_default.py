"""G15: what holds without anybody setting it."""

from __future__ import annotations

import stat
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def test_g15_stored_files_are_for_owner_and_group_alone(files: Path) -> None:
    path = files / default_storage.save("YLW/2026-11/sample.txt", ContentFile(b"sample"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o750


def test_g15_a_session_lasts_a_working_day() -> None:
    assert settings.SESSION_COOKIE_AGE == 12 * 3600
