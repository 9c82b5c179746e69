"""A search that found nothing, then one in other words, then a case that is opened: together they propose a synonym.

The three are tied by the browser's session, for a quarter of an hour; what is kept names no person.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from casebook.documents import KIND
from running.notes import note_if_possible
from search.synonyms import note_failed, note_found

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase

    from casebook.models import CasePage

FAILED, FOUND = "search-failed", "search-found"
SECONDS = 15 * 60


def failed(session: SessionBase, text: str) -> None:
    """`text` found nothing, and names neither a person nor a home."""

    def note() -> None:
        note_failed(text)
        session[FAILED] = [text, time.time()]
        session.pop(FOUND, None)

    note_if_possible("a search that found nothing", note)


def found(session: SessionBase, text: str) -> None:
    """`text` found something, and names nobody."""
    if _lately_failed(session):
        session[FOUND] = text


def opened(session: SessionBase, case: CasePage) -> None:
    text, words = _lately_failed(session), session.get(FOUND, "")

    def note() -> None:
        note_found(text, words, kind=KIND, record_id=case.pk)
        forget(session)

    if text and words:
        note_if_possible("words that found something", note)


def forget(session: SessionBase) -> None:
    session.pop(FAILED, None)
    session.pop(FOUND, None)


def _lately_failed(session: SessionBase) -> str:
    text, at = session.get(FAILED, ("", 0.0))
    return str(text) if time.time() - at < SECONDS else ""
