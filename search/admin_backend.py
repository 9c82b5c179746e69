"""Wagtail's own search boxes, answered from our index: Chinese is found, and no second index is kept.

Models without a registered document fall back to substring search in their table.
"""

from __future__ import annotations

from django.db.models import Model, Q, QuerySet
from modelsearch.backends.database.fallback import DatabaseSearchBackend, DatabaseSearchResults
from modelsearch.query import PlainText

from search.index import matching_ids

_kinds: dict[type[Model], str] = {}


def register_admin_search(model: type[Model], kind: str) -> None:
    """Admin searches over this model, or over an ancestor of it, are answered by documents of this kind."""
    _kinds[model] = kind


class IndexResults(DatabaseSearchResults):
    def get_queryset(self) -> QuerySet[Model]:
        compiler = self.query_compiler
        served = {m: kind for m, kind in _kinds.items() if issubclass(m, compiler.queryset.model)}
        if not served or not isinstance(compiler.query, PlainText):
            return super().get_queryset()
        text = compiler.query.query_string
        matched = Q()
        for kind in served.values():
            matched |= Q(pk__in=matching_ids(text, kind=kind))
        if compiler.queryset.model not in served:
            matched |= compiler.build_database_filter(compiler.query)
        return compiler.queryset.filter(matched).distinct()[self.start : self.stop]


class IndexBackend(DatabaseSearchBackend):
    results_class = IndexResults


SearchBackend = IndexBackend
