from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from vault.keyring import forget_keys, make_keys


@pytest.fixture
def keys(settings: Settings, tmp_path: Path) -> Path:
    """A key folder and a place for anchors of the test's own, with fresh keys."""
    settings.KEYS_ROOT, settings.ANCHORS_ROOT = tmp_path / "keys", tmp_path / "anchors"
    forget_keys()
    make_keys()
    return tmp_path / "keys"
