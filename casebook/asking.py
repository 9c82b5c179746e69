"""The search that an address holds, for one person: as the page asks it, as a saved search goes on asking it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import QueryDict

from casebook.documents import KIND
from casebook.policies import audience_tokens
from search import index
from search.queries import Query

if TYPE_CHECKING:
    from estates.models import User

FACETS = ("estate", "month", "department", "discipline", "category", "stage", "state")
PAGE = 20


def chosen_in(asked: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name in FACETS if (value := asked.get(name, ""))}


def query_of(user: User, asked: Mapping[str, str] | str, *, seen: Iterable[int] = (), limit: int = PAGE) -> Query:
    """`asked` is the query of an address, or what was read from one."""
    read = QueryDict(asked) if isinstance(asked, str) else asked
    return index.parse(
        read.get("q", "").strip(),
        audience=audience_tokens(user),
        facets=chosen_in(read),
        kinds=frozenset({KIND}),
        by_date=read.get("order") == "date",
        seen=frozenset(seen),
        limit=limit,
    )


def kept_of(asked: Mapping[str, str]) -> str:
    """What of an address makes the search: its words and what was chosen, always in the same order."""
    wanted = {"q": asked.get("q", "").strip(), **chosen_in(asked)}
    return urlencode({name: value for name, value in wanted.items() if value})
