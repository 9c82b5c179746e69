"""Text of a person, sealed with the person's own key and bound to where it stands.

A sealed value moved to another row, field or person cannot be opened.
"""

from __future__ import annotations

from dataclasses import dataclass

import tink
from django.utils.translation import gettext as _

from vault.data_keys import key_of, make_key


class Tampered(Exception):
    """The sealed bytes were changed, or moved from where they were sealed."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a sealed value stands: the model's label, the row's lasting id, the field."""

    model: str
    row: str
    field: str

    def bound(self) -> bytes:
        return f"{self.model}\x1f{self.row}\x1f{self.field}".encode()


def seal(subject: str, spot: Spot, plain: bytes) -> bytes:
    """Raises KeyDestroyed, KeysMissing, WrongKeys."""
    return bytes(make_key(subject).encrypt(plain, spot.bound()))


def unseal(subject: str, spot: Spot, sealed: bytes) -> bytes:
    """Raises Tampered, KeyUnknown, KeyDestroyed, KeysMissing, WrongKeys."""
    key = key_of(subject)
    try:
        return bytes(key.decrypt(sealed, spot.bound()))
    except tink.TinkError as error:
        raise Tampered(_("密文被改动，或不在它原来的位置。")) from error
