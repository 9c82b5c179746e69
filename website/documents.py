"""What a public page gives to the site's search. Staff's search never finds it: its audience is the public alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from search.documents import Document

if TYPE_CHECKING:
    from website.models import PublicPage

KIND = "page"
PUBLIC = frozenset({"public"})


def public_document(page: PublicPage) -> Document:
    moment = page.first_published_at or timezone.now()
    return Document(
        kind=KIND,
        id=page.pk,
        title=page.title,
        body=page.text_for_search,
        date=timezone.localtime(moment).date(),
        audience=PUBLIC,
        facets={"kind": KIND},
    )
