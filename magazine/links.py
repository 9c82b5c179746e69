"""Where a mail leads."""

from __future__ import annotations

from dataclasses import dataclass

LEAVE, WISHES = "[[leave]]", "[[wishes]]"
"""Where the links of the one recipient stand in an edition."""


@dataclass(frozen=True, slots=True)
class MailLinks:
    """The issue on the web, the frozen copy of the mail, the printable PDF; empty for none."""

    issue: str
    copy: str
    pdf: str = ""
    is_digest: bool = False
    """For colleagues: other words about why it came."""
