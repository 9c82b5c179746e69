"""A value of a mapping, by a key that a template holds."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def at(mapping: Mapping[object, object], key: object) -> object:
    return mapping.get(key)
