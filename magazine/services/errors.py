"""Why an act on the magazine was refused. The message is for the person, in the language of the request."""

from __future__ import annotations


class MagazineError(Exception):
    """An act that the state of a mailing, an issue or a subscription does not allow. `str()` is what to show."""
