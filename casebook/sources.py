"""Cases as search reads them again."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from casebook.documents import case_document
from casebook.models import CasePage
from search.documents import Document


def case_documents(ids: Collection[int] | None) -> Iterator[Document]:
    """Documents of the cases with these ids, or of every case."""
    cases = CasePage.objects.select_related("estate", "unit", "owner").order_by("pk")
    if ids is not None:
        cases = cases.filter(pk__in=ids)
    for case in cases.iterator(chunk_size=500):
        yield case_document(case)
