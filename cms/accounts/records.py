"""What of an account stands in records: why it cannot be deleted."""

from __future__ import annotations

from django.db import models
from django.utils.translation import ngettext

from estates.models import User

CHANGES_RECORDS = (models.PROTECT, models.RESTRICT, models.SET_NULL, models.DO_NOTHING)
"""How rows hang on an account that would be refused, or would forget who it was; the others are the account's own."""


def records_of(user: User) -> list[tuple[str, int]]:
    """Kinds of rows that name the person, with how many there are."""
    found = []
    for relation in User._meta.related_objects:
        if relation.on_delete in CHANGES_RECORDS and isinstance(relation.field, models.ForeignKey):
            rows = relation.related_model._base_manager.filter(**{relation.field.name: user.pk}).count()
            if rows:
                found.append((str(relation.related_model._meta.verbose_name), rows))
    counts: dict[str, int] = {}
    for name, rows in found:
        counts[name] = counts.get(name, 0) + rows
    return sorted(counts.items(), key=lambda one: -one[1])


def in_words(records: list[tuple[str, int]]) -> list[str]:
    return [
        ngettext("%(name)s %(n)d 条", "%(name)s %(n)d 条", rows) % {"name": name, "n": rows} for name, rows in records
    ]
