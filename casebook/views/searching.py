from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import int_to_base36 as base36
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from casebook import after_failure
from casebook.asking import FACETS, PAGE, chosen_in, kept_of, query_of
from casebook.models import Cadence, CasePage
from casebook.policies import may_export_cases
from casebook.services.following import note_query
from casebook.vocabulary import CLOSED_LISTS
from estates.models import Department, Estate, User
from estates.private_forms import answered
from estates.requests import person
from estates.unit_codes import find_units, fold
from estates.wording import enumeration
from running.notes import note_if_possible
from search import index
from search.highlights import highlight
from search.queries import Query, Results
from search.synonyms import is_private
from search.wording import in_words

LIST_OF_MANY = 12
PLACE = re.compile("[0-9a-z]{1,11}")
LAST_PAGE = 25
"""Whoever reads 500 results needs narrower words."""


@dataclass(frozen=True, slots=True)
class Choice:
    label: str
    count: int
    address: str
    chosen: bool
    share: int


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    title: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class Card:
    """`by_meaning`: it says otherwise what was asked."""

    case: CasePage
    by_meaning: bool
    title: SafeString
    problem: SafeString
    lesson: SafeString


@require_http_methods(["GET", "HEAD", "POST"])
def search_cases(request: HttpRequest) -> HttpResponseBase:
    """Cases this person may see that match, photo first, narrowed by facets. The address holds the whole query, unless
    what was typed finds nothing or may name a person: then it is answered where it was sent, and stands nowhere."""
    user = person(request)
    if request.method == "POST":
        request.GET = _typed(request)  # type: ignore[assignment]
        if _may_stand_in_an_address(request, user):
            _note_found(request, user)
            return answered(request, redirect(f"{reverse('casebook:search')}?{request.GET.urlencode()}"))
    text = request.GET.get("q", "").strip()
    chosen = chosen_in(request.GET)
    seen = _seen(request.GET.get("seen", ""))
    page = len(seen) // PAGE + 1
    query = query_of(user, request.GET, seen=seen)
    results = index.search(query)
    after = [*seen, *(hit.id for hit in results.hits)]
    nothing = bool(text) and not results.total and page == 1
    if nothing and not chosen:
        _note_failed(request, text)
    corrections = index.did_you_mean(text, query) if nothing else ()
    context = {
        "text": text,
        "query": query,
        "cards": _cards(user, query, results),
        "total": results.total,
        "loosened": results.loosened,
        "meant": [(one, _address(request, q=one, seen="")) for one in corrections],
        "export": _address(request, seen="") if may_export_cases(user) and results.total else "",
        "degraded": results.degraded,
        "facets": [_facet(request, name, results.facets.get(name, ())) for name in FACETS],
        "chosen": chosen,
        "previous": _address(request, seen=_written(seen[: PAGE * (page - 2)])) if page > 1 else "",
        "next": _address(request, seen=_written(after)) if len(after) < results.total and page < LAST_PAGE else "",
        "at_the_end": len(after) < results.total and page == LAST_PAGE,
        "by_date": query.by_date,
        "unaddressed": request.method == "POST",
        "understood": in_words(query, _field_words, chosen=chosen),
        "asked": kept_of(request.GET),
        "cadences": Cadence.choices,
        "saved_as": _name_of(text, chosen),
        "order_address": _address(request, order="" if query.by_date else "date", seen=""),
    }
    response = render(request, "casebook/search.html", context)
    return answered(request, response) if request.method == "POST" else response


def _typed(request: HttpRequest) -> QueryDict:
    asked = request.POST.copy()
    asked.pop("csrfmiddlewaretoken", None)
    return QueryDict(asked.urlencode())


def _may_stand_in_an_address(request: HttpRequest, user: User) -> bool:
    text = request.GET.get("q", "").strip()
    if is_private(user, text):
        return False
    return bool(not text or index.count(query_of(user, request.GET)))


def _note_failed(request: HttpRequest, text: str) -> None:
    """Keep it for the list of words to add, unless it may name a person or a home."""
    if not list(find_units(fold(text))) and not is_private(person(request), text):
        after_failure.failed(request.session, text)


def _note_found(request: HttpRequest, user: User) -> None:
    """For the person's own list; and, without him, for words that found what others did not."""
    text = request.GET.get("q", "").strip()

    def note() -> None:
        note_query(by=user, text=text, asked=kept_of(request.GET))
        if not list(find_units(fold(text))):
            after_failure.found(request.session, text)

    if text and not is_private(user, text):
        note_if_possible("a recent search", note)


def _cards(user: User, query: Query, results: Results) -> list[Card]:
    found = CasePage.objects.visible_to(user).with_cards().in_bulk([hit.id for hit in results.hits])
    marked = partial(highlight, query=query, loosely=results.loosened)
    return [
        Card(case, hit.by_meaning, marked(case.title), marked(case.description), marked(case.lesson))
        for hit in results.hits
        if (case := found.get(hit.id))
    ]


def _facet(request: HttpRequest, name: str, counts: tuple[tuple[str, int], ...]) -> Facet:
    labels = _labels(name, [value for value, _count in counts])
    chosen = request.GET.get(name, "")
    most = max((count for _value, count in counts), default=1)
    ordered = sorted(counts, reverse=True) if name == "month" else counts
    choices = [
        Choice(
            labels.get(value, value),
            count,
            _address(request, **{name: "" if value == chosen else value, "seen": ""}),
            value == chosen,
            round(100 * count / most),
        )
        for value, count in ordered[:LIST_OF_MANY]
    ]
    return Facet(name, _titles()[name], choices)


def _field_words(name: str, values: Iterable[str]) -> str:
    labels = _labels(name, list(values))
    told = enumeration(labels.get(value, value) for value in values)
    return _("%(field)s：%(values)s") % {"field": _titles().get(name, name), "values": told}


def _name_of(text: str, chosen: Mapping[str, str]) -> str:
    """How a saved search may be called: its words and what was chosen."""
    labels = [_labels(name, [value]).get(value, value) for name, value in chosen.items()]
    return " · ".join(filter(None, [text, *labels]))


def _titles() -> dict[str, str]:
    return {
        "estate": _("楼盘"),
        "month": _("月份"),
        "department": _("责任部门"),
        "discipline": _("专业"),
        "category": _("类别"),
        "stage": _("阶段"),
        "state": _("状态"),
    }


def _labels(name: str, values: list[str]) -> dict[str, str]:
    if name == "estate":
        return dict(Estate.objects.filter(code__in=values).values_list("code", "name"))
    if name == "department":
        named = Department.objects.filter(pk__in=[v for v in values if v.isdigit()])
        return {str(department.pk): department.name for department in named}
    closed = CLOSED_LISTS.get(name)
    return {str(value): str(label) for value, label in closed.choices} if closed else {}


def _address(request: HttpRequest, **changes: str) -> str:
    kept = {name: value for name, value in request.GET.items() if name in (*FACETS, "q", "order", "seen")}
    wanted = {name: value for name, value in (kept | changes).items() if value}
    return f"?{urlencode(wanted)}"


def _seen(text: str) -> list[int]:
    """Ids that earlier pages showed, as `_written` wrote them; whatever else stands there counts for nothing."""
    ids = [int(part, 36) for part in text.split(".")[: PAGE * (LAST_PAGE - 1)] if PLACE.fullmatch(part)]
    return list(dict.fromkeys(ids))


def _written(ids: Iterable[int]) -> str:
    return ".".join(base36(pk) for pk in ids)
