"""Where a rebuild of search reads the public pages again."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from wagtail.models import Page

from search.documents import Document
from website.documents import public_document
from website.models import PublicPage


def public_documents(ids: Collection[int] | None) -> Iterator[Document]:
    """Published public pages: those of the ids, or all."""
    pages = Page.objects.live().public().type(PublicPage)
    if ids is not None:
        pages = pages.filter(pk__in=ids)
    for page in pages.specific().iterator(chunk_size=200):
        yield public_document(page)
