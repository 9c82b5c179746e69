"""Compiles locale/*/LC_MESSAGES/*.po without gettext's programs, so that Python alone is enough."""

from __future__ import annotations

from pathlib import Path

import polib

for source in sorted((Path(__file__).resolve().parent.parent / "locale").rglob("*.po")):
    target = source.with_suffix(".mo")
    if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
        polib.pofile(str(source)).save_as_mofile(str(target))
