"""What an archivist has yet to open before he can say that he compared it: told by the access register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from archives.register import data_part
from archives.vocabulary import DocumentKind
from vault.models import AccessEntry
from vault.models.access import Act

if TYPE_CHECKING:
    from archives.models import DossierDocument, DossierPage
    from estates.models import User

SEEING = (Act.REVEALED, Act.DOWNLOADED)


def unseen_parts(user: User, dossier: DossierPage) -> list[str]:
    """In words, what the person himself has not opened: the present version of the data in the clear, and the newest
    version of each document."""
    parts = {data_part(dossier): _("客户资料"), **{row.part: str(row) for row in newest_documents(dossier)}}
    lines = AccessEntry.objects.filter(who=user, record=dossier.key, act__in=SEEING, part__in=parts)
    seen = set(lines.values_list("part", flat=True))
    return [words for part, words in parts.items() if part not in seen]


def newest_documents(dossier: DossierPage) -> list[DossierDocument]:
    newest: dict[tuple[str, int], DossierDocument] = {}
    for row in dossier.documents.order_by("kind", "title", "version"):
        newest[(row.kind, row.title)] = row
    order = {kind: place for place, kind in enumerate(DocumentKind.values)}
    return sorted(newest.values(), key=lambda row: (order[row.kind], row.title))
