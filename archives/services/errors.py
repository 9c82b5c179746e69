"""Why an act on a dossier was refused. The message is for the person, in the language of the request; it names no
customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archives.gates import Gap
    from archives.models import Tenure


class DossierError(Exception):
    """An act that the dossier's state, or somebody else's work, does not allow. `str()` is the message to show."""


class StaleDossier(DossierError):
    """The customer's data were changed since the form was opened; nothing was saved. `changed` are item codes."""

    def __init__(self, message: str, changed: list[str]) -> None:
        self.changed = changed
        super().__init__(message)


class UnitTaken(DossierError):
    """The home has an owner on record: it was resold, or this is the same sale."""

    def __init__(self, message: str, tenure: Tenure) -> None:
        self.tenure = tenure
        super().__init__(message)


class NotReady(DossierError):
    """Some gate is not passed."""

    def __init__(self, message: str, gaps: list[Gap]) -> None:
        self.gaps = gaps
        super().__init__(message)


class DoubtfulChange(DossierError):
    """Some new value is not clear; `doubts` says in words what is doubtful, by item code."""

    def __init__(self, message: str, doubts: dict[str, str]) -> None:
        self.doubts = doubts
        super().__init__(message)
