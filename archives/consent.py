"""Who else uses what a customer once agreed to: told when he withdraws it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable

from archives.profiles import Profile

ConsentReader = Callable[[Collection[str]], int]
"""Given mail addresses of one who withdrew, stops what goes to them and returns how many there were."""

ADDRESS = re.compile(r"[^\s@<>()，,、;；:：]+@[^\s@<>()，,、;；:：]+\.[A-Za-z]{2,}")
_READERS: list[ConsentReader] = []


def register_consent_reader(reader: ConsentReader) -> None:
    _READERS.append(reader)


def stop_consent_readers(profiles: Iterable[Profile]) -> int:
    """Whatever goes by mail to an address that stands anywhere in the profiles ends. Returns how many ended."""
    addresses = {address for profile in profiles for address in _addresses_in(profile)}
    return sum(stop(sorted(addresses)) for stop in _READERS) if addresses else 0


def _addresses_in(profile: Profile) -> Iterable[str]:
    for value in profile.values():
        text = " ".join(value) if isinstance(value, list) else value
        yield from ADDRESS.findall(unicodedata.normalize("NFKC", text))
