"""Cases that resemble a text or another case, among those the person may see."""

from __future__ import annotations

from casebook.documents import KIND
from casebook.models import CasePage
from casebook.policies import audience_tokens
from estates.models import User
from search import index

SHORTEST = 6
LONGEST = 200
SHOWN = 3


def similar_to(user: User, text: str, *, without: int | None = None) -> list[CasePage]:
    """Up to three cases, the most similar first; none for a text too short to tell."""
    if len(text.strip()) < SHORTEST:
        return []
    similar = index.similar(text[:LONGEST], audience=audience_tokens(user), kind=KIND, limit=SHOWN + 1)
    hits = [hit.id for hit in similar if hit.id != without][:SHOWN]
    found = CasePage.objects.visible_to(user).with_cards().in_bulk(hits)
    return [found[pk] for pk in hits if pk in found]


def similar_to_case(user: User, case: CasePage) -> list[CasePage]:
    return similar_to(user, f"{case.title} {case.description}", without=case.pk)
