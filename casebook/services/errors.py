"""Why an act on a case was refused. The message is for the person, in the language of the request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class CaseError(Exception):
    """An act that the case's state, or somebody else's work, does not allow. `str()` is the message to show."""


@dataclass(frozen=True, slots=True)
class Change:
    """What another person made of a field since the form was opened; texts to show."""

    label: str
    theirs: str


class StaleEdit(CaseError):
    """The case was changed since the form was opened; nothing was saved. `latest`: the version that is there now."""

    def __init__(self, message: str, latest: int = 0, changes: Sequence[Change] = ()) -> None:
        self.latest, self.changes = latest, changes
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that a case still needs before it can be submitted."""

    field: str
    message: str


class NotComplete(CaseError):
    def __init__(self, gaps: list[Gap]) -> None:
        self.gaps = gaps
        super().__init__("；".join(gap.message for gap in gaps))
