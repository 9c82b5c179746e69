"""Text of a person, sealed with the person's own key and bound to where it stands.

A sealed value moved to another row, field or person cannot be opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import tink
from django.utils.translation import gettext as _
from tink import aead

from vault.data_keys import key_of, keys_of


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
    """The subject's key was made with the subject: one that is missing is never made by the way.

    Raises KeyUnknown, KeyDestroyed, KeysMissing, WrongKeys.
    """
    return bytes(key_of(subject).encrypt(plain, spot.bound()))


def unseal(subject: str, spot: Spot, sealed: bytes) -> bytes:
    """Raises Tampered, KeyUnknown, KeyDestroyed, KeysMissing, WrongKeys."""
    return _opened(key_of(subject), spot, sealed)


def unseal_many(parts: Sequence[tuple[str, Spot, bytes]]) -> list[bytes | None]:
    """As `unseal` for many (subject, spot, sealed), with one look into the key store; None where the key was destroyed.

    Raises Tampered, KeyUnknown, KeysMissing, WrongKeys.
    """
    keys = keys_of({subject for subject, _spot, _sealed in parts})
    return [_opened(key, spot, sealed) if (key := keys[subject]) else None for subject, spot, sealed in parts]


def _opened(key: aead.Aead, spot: Spot, sealed: bytes) -> bytes:
    try:
        return bytes(key.decrypt(sealed, spot.bound()))
    except tink.TinkError as error:
        raise Tampered(_("密文被改动，或不在它原来的位置。")) from error
