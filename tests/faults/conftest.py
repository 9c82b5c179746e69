"""The browsers of the acceptance tests, for faults that are in script."""

from __future__ import annotations

from tests.acceptance.conftest import chromium, people, story_world

__all__ = ["chromium", "people", "story_world"]
