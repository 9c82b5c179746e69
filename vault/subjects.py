"""Whose data keys a database needs: each room that encrypts for a person registers how to list them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from vault.data_keys import unusable_among

Listing = Callable[[], Iterable[tuple[str, str]]]
"""Subjects whose key is needed, each with what it is called: by a number, never by a name."""

BATCH = 1_000
_LISTINGS: list[Listing] = []


def register_subjects(listing: Listing) -> None:
    _LISTINGS.append(listing)


def needed_subjects() -> Iterator[tuple[str, str]]:
    for listing in _LISTINGS:
        yield from listing()


def without_usable_key() -> list[str]:
    """What is encrypted and cannot be read: what each is called. A key destroyed on purpose is none of them.

    Raises KeysUnusable.
    """
    called = dict(needed_subjects())
    subjects = sorted(called)
    lost: list[str] = []
    for start in range(0, len(subjects), BATCH):
        lost += [called[subject] for subject in unusable_among(subjects[start : start + BATCH])]
    return sorted(lost)
