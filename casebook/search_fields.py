"""What a person may write after 楼盘：, 部门：, 类别： … in a search, and which values of the facets that names."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Choices
from django.utils.translation import override

from casebook.vocabulary import CLOSED_LISTS
from estates.models import Department, Estate
from estates.pinyin import typed_keys
from search.analysis import normalise
from search.fields import Resolver, register_values

LANGUAGES = ("zh-hans", "en")
KINDS = {"case": {"案例", "case", "cases"}}


def estates_named(text: str) -> Collection[str]:
    """By code, whole name or pinyin; failing that, by a part of the name."""
    exact = [
        estate.code
        for estate in Estate.objects.all()
        if text.upper() == estate.code or text == estate.name or text.lower() in typed_keys(estate.name)
    ]
    return exact or list(Estate.objects.filter(name__contains=text).values_list("code", flat=True))


def departments_named(text: str) -> Collection[str]:
    return [str(pk) for pk in Department.objects.filter(name__contains=text).values_list("pk", flat=True)]


def choices_named(choices: type[Choices]) -> Resolver:
    """By value, or by label in either language: the whole label, failing that a part of it."""

    def named(text: str) -> Collection[str]:
        wanted = normalise(text)
        labels = [(str(one.value), normalise(label)) for one in choices for label in _labels(one)]
        exact = {value for value, label in labels if wanted in (label, value)}
        return exact or {value for value, label in labels if wanted in label}

    return named


def _labels(one: Choices) -> list[str]:
    found = []
    for language in LANGUAGES:
        with override(language):
            found.append(str(one.label))
    return found


def kinds_named(text: str) -> Collection[str]:
    return [kind for kind, names in KINDS.items() if normalise(text) in names]


def register_fields() -> None:
    register_values("estate", estates_named)
    register_values("department", departments_named)
    for name in ("discipline", "category", "stage", "state"):
        register_values(name, choices_named(CLOSED_LISTS[name]))
    register_values("kind", kinds_named)
