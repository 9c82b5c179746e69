"""Every text of a page passes `text.cleaning` before it is stored, whoever wrote it: form, script, import, revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from modelcluster.models import get_all_child_relations
from wagtail.fields import StreamField

from text.cleaning import clean

if TYPE_CHECKING:
    from wagtail.models import Revision


class CleanedPage:
    """Stands before Page among the bases of a page type."""

    def save(self, *args: object, **kwargs: object) -> None:
        clean_texts(self)
        super().save(*args, **kwargs)  # type: ignore[misc]

    def save_revision(self, *args: object, **kwargs: object) -> Revision:
        clean_texts(self)
        for relation in get_all_child_relations(type(self)):
            for child in getattr(self, relation.get_accessor_name()).all():
                clean_texts(child)
        revision: Revision = super().save_revision(*args, **kwargs)  # type: ignore[misc]
        return revision


def clean_texts(instance: object) -> None:
    """Clean what the instance holds in its text and stream fields; what was not loaded stays as it is."""
    if not isinstance(instance, models.Model):
        raise TypeError(instance)
    for field in instance._meta.concrete_fields:
        value = instance.__dict__.get(field.attname)
        if isinstance(field, StreamField):
            _clean_stream(instance, field)
        elif isinstance(field, models.CharField | models.TextField) and isinstance(value, str):
            cleaned = clean(value)
            if cleaned != value:
                setattr(instance, field.attname, cleaned)


def _clean_stream(instance: models.Model, field: StreamField) -> None:
    if field.attname in instance.get_deferred_fields():
        return
    raw = field.stream_block.get_prep_value(getattr(instance, field.attname))
    cleaned = _cleaned(raw)
    if cleaned != raw:
        setattr(instance, field.attname, field.stream_block.to_python(cleaned))


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _cleaned(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(part) for part in value]
    return value
