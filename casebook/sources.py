"""Every case, for a rebuild of the index."""

from __future__ import annotations

from collections.abc import Iterator

from casebook.documents import case_document
from casebook.models import CasePage
from search.documents import Document


def all_case_documents() -> Iterator[Document]:
    cases = CasePage.objects.select_related("estate", "unit").order_by("pk")
    for case in cases.iterator(chunk_size=500):
        yield case_document(case)
