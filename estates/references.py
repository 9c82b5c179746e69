"""Which rows others refer to: before something that an import made is taken back."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import F

if TYPE_CHECKING:
    from django.db.models import Model


def referred_to(model: type[Model], pks: Collection[int], *, aside: Collection[str] = ()) -> set[int]:
    """The rows of the model that rows of ours point to; models of the apps `aside` do not count."""
    used: set[int] = set()
    for relation in model._meta.related_objects:
        other = relation.related_model
        if other._meta.app_label in aside or issubclass(other, model):
            continue
        rows = other._base_manager.filter(**{f"{relation.field.name}__in": pks})
        used |= set(rows.annotate(used_by=F(relation.field.name)).values_list("used_by", flat=True))
    return used
