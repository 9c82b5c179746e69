"""Why an act on a case was refused. The message is for the person, in the language of the request."""

from __future__ import annotations

from dataclasses import dataclass


class CaseError(Exception):
    """An act that the case's state, or somebody else's work, does not allow. `str()` is the message to show."""


class StaleEdit(CaseError):
    """The case was changed since the form was opened; nothing was saved."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that a case still needs before it can be submitted."""

    field: str
    message: str


class NotComplete(CaseError):
    def __init__(self, gaps: list[Gap]) -> None:
        self.gaps = gaps
        super().__init__("；".join(gap.message for gap in gaps))
