"""Tokens by which a person is found without the database knowing the name: a keyed function of normalised text."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterable

from vault.keyring import finder

TOKEN_BYTES = 15
"""120 bits: no two texts of a company share a token, and the token says nothing about its text."""


def token(kind: str, text: str) -> str:
    """Twenty letters for a text of a kind (name, phone …). The same text of another kind has another token."""
    made = finder().compute(f"{kind}\x1f{text}".encode(), TOKEN_BYTES)
    return urlsafe_b64encode(made).decode("ascii")


def tokens(kind: str, texts: Iterable[str]) -> list[str]:
    return [token(kind, text) for text in dict.fromkeys(texts)]
