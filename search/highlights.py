"""Marks what matched in the text as it was written, across width, case and script."""

from __future__ import annotations

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from search.analysis import normalise
from search.queries import Query

CONTEXT = 30


def highlight(text: str, query: Query, *, loosely: bool = False, length: int = 90) -> SafeString:
    """At most `length` characters around the first match, matches in <mark>, everything else escaped.

    `loosely` marks single words of the query too.
    """
    needles = {term.text for term in query.terms} | (set(query.words) if loosely else set())
    spans = _spans(text, needles)
    start = max(spans[0][0] - CONTEXT, 0) if spans and len(text) > length else 0
    stop = min(start + length, len(text))
    parts, at = ["…" if start else ""], start
    for left, right in spans:
        if left >= at and right <= stop:
            parts += [escape(text[at:left]), "<mark>", escape(text[left:right]), "</mark>"]
            at = right
    parts += [escape(text[at:stop]), "…" if stop < len(text) else ""]
    return mark_safe("".join(parts))  # noqa: S308  every piece of text is escaped above


def _spans(text: str, needles: set[str]) -> list[tuple[int, int]]:
    folded, origin = _folded(text)
    found: set[tuple[int, int]] = set()
    for needle in needles:
        at = folded.find(needle) if needle else -1
        while at >= 0:
            found.add((origin[at], origin[at + len(needle) - 1] + 1))
            at = folded.find(needle, at + len(needle))
    spans: list[tuple[int, int]] = []
    for left, right in sorted(found, key=lambda span: (span[0], -span[1])):
        if not spans or left >= spans[-1][1]:
            spans.append((left, right))
    return spans


def _folded(text: str) -> tuple[str, list[int]]:
    folded: list[str] = []
    origin: list[int] = []
    whole = normalise(text)
    if len(whole) == len(text):
        return whole, list(range(len(text)))
    for position, char in enumerate(text):
        piece = normalise(char)
        folded.append(piece)
        origin.extend([position] * len(piece))
    return "".join(folded), origin
