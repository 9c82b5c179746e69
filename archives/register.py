"""Lines of the access register about dossiers: who, whose, what, why, from where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vault.register import Access, note_access

if TYPE_CHECKING:
    from archives.models import DossierPage
    from estates.models import User


@dataclass(frozen=True, slots=True)
class Reader:
    """Who acts, and from which network address."""

    user: User
    address: str = ""


def note(reader: Reader, act: str, dossier: DossierPage, *, purpose: str = "", count: int = 1) -> None:
    note_access(reader.user, access_to(dossier, act, reader, purpose=purpose, count=count))


def access_to(dossier: DossierPage, act: str, reader: Reader, *, purpose: str = "", count: int = 1) -> Access:
    return Access(act, dossier.customer.subject, dossier.key, purpose, count, reader.address)
