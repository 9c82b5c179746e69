"""The browsers of the acceptance tests, for faults that are in script, and the people of an archive."""

from __future__ import annotations

from tests.acceptance.conftest import chromium, people, story_world
from tests.archives.conftest import archive

__all__ = ["archive", "chromium", "people", "story_world"]
