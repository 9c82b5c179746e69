"""What is not to be had at the moment, and why; the site answers it with 503 and words, never with a plain error."""

from __future__ import annotations


class Unavailable(Exception):
    """Something that this product needs does not answer or is full. `str()` says in the user's language what is away
    and what to do; nothing was changed. `retry_after` is in seconds."""

    retry_after = 15
    status = 503
