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


def note(  # noqa: PLR0913  the columns of a line
    reader: Reader, act: str, dossier: DossierPage, *, purpose: str = "", count: int = 1, part: str = ""
) -> None:
    """`part` says what of the dossier it was: `data_part`, or a document's `part`; several with spaces between."""
    note_access(reader.user, access_to(dossier, act, reader, purpose=purpose, count=count, part=part))


def access_to(  # noqa: PLR0913  the columns of a line
    dossier: DossierPage, act: str, reader: Reader, *, purpose: str = "", count: int = 1, part: str = ""
) -> Access:
    return Access(act, dossier.customer.subject, dossier.key, purpose, count, reader.address, part)


def data_part(dossier: DossierPage) -> str:
    """The present version of what is held about the customer, as the register names it."""
    return f"v{dossier.customer.latest}"
