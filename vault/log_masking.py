"""No token reaches a log: whoever reads the logs must not be able to open what a link in a mail opens."""

from __future__ import annotations

import logging
import re

SECRET = re.compile(r"(?<![\w:.=%-])(?=[\w:=%-]*\d|[\w:=%-]*[A-Z_])[\w:=%-]{20,}(?![\w.=%-])", re.ASCII)
"""A long run of letters and digits as tokens, keys and signed values are: no words, no file names, which have dots."""

QUERY = re.compile(r"(?P<path>(?:https?:/)?/[^\s?\"']*)\?[^\s\"']+")


def masked(text: str) -> str:
    """The text without tokens in paths and without what stands behind a question mark."""
    return SECRET.sub("…", QUERY.sub(r"\g<path>?…", text))


class MaskSecrets(logging.Filter):
    """On the handlers of the process's log: what is written is masked, wherever it comes from."""

    def filter(self, record: logging.LogRecord) -> bool:
        if "/" in (text := record.getMessage()):
            record.msg, record.args = masked(text), ()
        return True
