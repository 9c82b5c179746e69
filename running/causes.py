"""What lies behind an error: drivers' errors are wrapped by Django's, and those by ours."""

from __future__ import annotations

from collections.abc import Iterator


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """The error itself, then what caused it or what was being handled when it came, to the first of all."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
