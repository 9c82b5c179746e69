"""Where the papers are: in their place, lent, or missed at the last stock-take (清点)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from archives.models import DossierDocument, LoanItem, PaperCheck
from archives.services.lending import out_papers
from archives.vocabulary import State

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from archives.models import DossierPage


class Where(StrEnum):
    UNCHECKED = "unchecked"
    IN_PLACE = "in_place"
    OUT = "out"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Paper:
    document: DossierDocument
    where: Where
    out: LoanItem | None
    check: PaperCheck | None


def papers_of(dossiers: QuerySet[DossierPage]) -> list[Paper]:
    """Every paper of the filed dossiers among them, by its place on the shelf."""
    documents = (
        DossierDocument.objects.filter(dossier__in=dossiers.filter(state=State.FILED), has_paper=True)
        .select_related("dossier__estate", "dossier__unit", "dossier__customer")
        .order_by("dossier__shelf_mark", "dossier__number", "kind", "title", "version")
    )
    rows = list(documents)
    ids = [row.pk for row in rows]
    lent = {item.document_id: item for item in out_papers().filter(document__in=ids).select_related("loan__borrower")}
    checks: dict[int, PaperCheck] = {}
    for check in PaperCheck.objects.filter(document__in=ids).select_related("by").order_by("at", "pk"):
        checks[check.document_id] = check
    return [_paper(row, lent.get(row.pk), checks.get(row.pk)) for row in rows]


def _paper(document: DossierDocument, out: LoanItem | None, check: PaperCheck | None) -> Paper:
    if out:
        return Paper(document, Where.OUT, out, check)
    if check is None:
        return Paper(document, Where.UNCHECKED, None, None)
    return Paper(document, Where.IN_PLACE if check.is_found else Where.MISSING, None, check)
