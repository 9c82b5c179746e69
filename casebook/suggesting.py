"""What a person may mean by the first letters of a search: permission first, then whatever answers at once.

Of records and homes a fixed number is read, however many there are; the company's own lists (estates, departments,
people) are short and read whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from casebook.documents import KIND
from casebook.models import CasePage, PinnedCase, RecentQuery
from casebook.policies import audience_tokens
from casebook.vocabulary import CLOSED_LISTS
from estates.models import Department, Estate, Unit, User
from estates.pinyin import bare_name, typed_keys
from estates.units import suggest_units
from search import index
from search.analysis import normalise

LONGEST = 40
MOST = 10
EACH = 4
LETTERS = re.compile(r"[a-z]{2,20}")
BEGUN_UNIT = re.compile(r"\s*[0-9０-９一二三四五六七八九十]")
BEGUN_NUMBER = re.compile(r"[A-Za-z0-9]{2,8}-[A-Za-z]{2}")
LISTS = ("discipline", "category", "stage")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`label` is what the box then shows, `detail` says what it is, `address` is where it leads."""

    label: str
    detail: str
    address: str


def suggestions_for(user: User, text: str) -> list[Suggestion]:
    """At most ten. For an empty text what one keeps and lately asked; else what begins so, or sounds so."""
    asked = text[:LONGEST].strip()
    if not asked:
        return [*_pinned(user), *islice(_asked_before(user, ""), MOST - EACH)]
    plain = normalise(asked)
    sources = (
        _asked_before(user, plain),
        _units(user, asked),
        _estates(user, plain),
        _departments(plain),
        _colleagues(user, plain),
        _lists(plain),
        _records(user, asked),
    )
    found = {one.address: one for source in sources for one in islice(source, EACH)}
    return list(found.values())[:MOST]


def _search(**asked: str) -> str:
    return f"{reverse('casebook:search')}?{urlencode(asked)}"


def _pinned(user: User) -> Iterator[Suggestion]:
    pinned = PinnedCase.objects.filter(user=user, case__in=CasePage.objects.visible_to(user)).select_related("case")
    for row in pinned[:EACH]:
        yield Suggestion(row.case.title, _("收藏的案例"), row.case.get_absolute_url())


def _asked_before(user: User, plain: str) -> Iterator[Suggestion]:
    for row in RecentQuery.objects.filter(user=user):
        if plain in normalise(row.text):
            yield Suggestion(row.text, _("最近查过"), f"{reverse('casebook:search')}?{row.asked}")


def _units(user: User, asked: str) -> Iterator[Suggestion]:
    """Homes with a case that the person may see."""
    if not BEGUN_UNIT.match(asked):
        return
    estates = Estate.objects.visible_to(user)
    units = list(suggest_units(asked, Unit.objects.filter(estate__in=estates)).select_related("estate"))
    seen = CasePage.objects.visible_to(user).filter(unit__in=units)
    known = set(seen.values_list("unit", flat=True))
    for unit in units:
        if unit.pk in known:
            yield Suggestion(unit.written, str(unit.estate), _search(q=unit.written, estate=unit.estate.code))


def _begins(name: str, plain: str) -> bool:
    """The name holds what was typed, or its pinyin or initials begin so."""
    return plain in normalise(name) or bool(
        LETTERS.fullmatch(plain) and any(key.startswith(plain) for key in typed_keys(name))
    )


def _estates(user: User, plain: str) -> Iterator[Suggestion]:
    for estate in Estate.objects.visible_to(user):
        if _begins(estate.name, plain) or estate.code.lower().startswith(plain):
            yield Suggestion(estate.name, _("楼盘"), _search(estate=estate.code))


def _colleagues(user: User, plain: str) -> Iterator[Suggestion]:
    """Those who recorded a case that the person may see; it is found by the pinyin of the name."""
    named = [
        one for one in User.objects.filter(is_active=True) if one.display_name and _begins(one.display_name, plain)
    ]
    if not named:
        return
    recorded = set(CasePage.objects.visible_to(user).filter(owner__in=named).values_list("owner", flat=True))
    for one in named:
        if one.pk in recorded:
            spelled = typed_keys(normalise(bare_name(one.display_name)))[1]
            yield Suggestion(one.display_name, _("同事记录的案例"), _search(q=spelled))


def _departments(plain: str) -> Iterator[Suggestion]:
    for department in Department.objects.all():
        if _begins(department.name, plain):
            yield Suggestion(department.name, _("责任部门"), _search(department=str(department.pk)))


def _lists(plain: str) -> Iterator[Suggestion]:
    titles = {"discipline": _("专业"), "category": _("类别"), "stage": _("阶段")}
    for name in LISTS:
        for value, label in CLOSED_LISTS[name].choices:
            if _begins(str(label), plain):
                yield Suggestion(str(label), titles[name], _search(**{name: str(value)}))


def _records(user: User, asked: str) -> Iterator[Suggestion]:
    visible = CasePage.objects.visible_to(user).select_related("estate")
    if BEGUN_NUMBER.match(asked):
        begun = asked.upper()
        cases = list(visible.filter(number__gte=begun, number__lt=f"{begun}\uffff").order_by("-number")[:EACH])
    else:
        hits = index.titled(asked, audience=audience_tokens(user), kinds=frozenset({KIND}), limit=EACH)
        found = visible.in_bulk([hit.id for hit in hits])
        cases = [found[hit.id] for hit in hits if hit.id in found]
    for case in cases:
        detail = " · ".join(filter(None, [case.number, str(case.estate)]))
        yield Suggestion(case.title, detail, case.get_absolute_url())
