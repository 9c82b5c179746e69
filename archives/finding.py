"""Find a customer by what staff know of him: name, pinyin, phone, ID number, home or archive number.

The answer is masked, and each person shown is a line of the access register. What was typed is kept nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import F, OuterRef, Q, Subquery

from archives import policies
from archives.models import Contact, CustomerToken, DossierPage
from archives.people_tokens import meanings
from archives.profiles import Masked, latest_profiles, masked
from archives.querysets import DossierQuerySet
from archives.register import Reader, access_to
from archives.template import items_for, template_in_force
from archives.vocabulary import GONE_STATES, RECORD_KIND
from estates.filing_plan import number_in
from estates.models import Estate
from estates.unit_codes import NO_ENTRANCE, UnitCodeError, fold, parse_unit
from vault.fingerprints import KeysUnusable
from vault.models.access import Act
from vault.register import Access, note_accesses

if TYPE_CHECKING:
    from estates.access import Person
    from estates.models import User

SHOWN = 20
SHORTEST_NAME, LONGEST_NAME = 2, 4
WORD = re.compile(r"[^\W_]+")
HAN = re.compile(r"[\u3400-\u9fff]+")
LONGEST = 80


@dataclass(frozen=True, slots=True)
class Row:
    """One dossier of the answer. `complete` is the share of items filled, in per cent."""

    dossier: DossierPage
    who: Masked
    complete: int
    last_contact: date | None

    @property
    def is_restricted(self) -> bool:
        """Nothing else may be shown of the customer."""
        return policies.is_restricted(self.dossier)

    @property
    def is_former(self) -> bool:
        return bool(self.dossier.tenure and self.dossier.tenure.is_past)


@dataclass(frozen=True, slots=True)
class Found:
    """`by` says what the text was taken for: number, unit, phone, tail, identity, pinyin, name; empty for nothing."""

    rows: Sequence[Row]
    total: int
    by: str = ""


def find_people(*, reader: Reader, text: str) -> Found:
    """Dossiers that the person may see and that the text may mean; present owners first, at most SHOWN."""
    plain = " ".join(text.split())[:LONGEST]
    visible = DossierPage.objects.visible_to(reader.user).exclude(state__in=GONE_STATES)
    for by, condition in _readings(plain, reader.user):
        matching = visible.filter(condition)
        if total := matching.count():
            found = Found(rows_of(matching), total, by)
            note_accesses(reader.user, [access_to(row.dossier, Act.SEARCHED, reader, purpose=by) for row in found.rows])
            return found
    if plain:
        note_accesses(reader.user, [Access(Act.SEARCHED, count=0, address=reader.address)])
    return Found([], 0)


def rows_of(dossiers: DossierQuerySet, *, named: bool = True) -> list[Row]:
    """The first SHOWN of them, present owners first; without `named` nothing of a customer is opened."""
    order = (F("tenure__closed_on").asc(nulls_first=True), "estate__code", "unit__code", "pk")
    first = list(dossiers.order_by(*order).values_list("pk", flat=True)[:SHOWN])
    contacts = Contact.objects.filter(dossier=OuterRef("pk")).order_by("-on")
    shown = DossierPage.objects.filter(pk__in=first).with_rows()
    rows = list(shown.annotate(last_contact=Subquery(contacts.values("on")[:1])).order_by(*order))
    used = [row.customer for row in rows if row.customer.latest and not policies.is_restricted(row)]
    profiles = latest_profiles(used) if named else {}
    asked: dict[int, set[str]] = {}
    version = template_in_force()
    for row in rows:
        if row.estate_id not in asked:
            asked[row.estate_id] = {item.code for item in items_for(version, row.estate)}
    return [
        Row(
            row,
            masked(profiles.get(row.customer_id, {}), row.customer.kind),
            completeness(row, asked[row.estate_id]),
            row.last_contact,
        )
        for row in rows
    ]


def completeness(dossier: DossierPage, asked: set[str]) -> int:
    return round(100 * len(asked & set(dossier.customer.filled)) / len(asked)) if asked else 100


def names_somebody(user: Person, text: str) -> bool:
    """Whether any customer is found under the text or a part of it; without the keys nobody can tell, so it is taken
    for a name. Nobody learns of people
    whom they may not look up: for them it never is."""
    if not policies.may_find(user):
        return False
    try:
        tokens = [meaning.token for part in _parts(text[:LONGEST]) for meaning in meanings(part)]
    except KeysUnusable:
        return True
    theirs = DossierPage.objects.visible_to(user).values("customer")
    return CustomerToken.objects.filter(token__in=tokens, customer__in=theirs).exists()


def _parts(text: str) -> set[str]:
    """The text, its words, and whatever in a run of Chinese characters is as long as a name."""
    words = WORD.findall(text)
    runs = [run for word in words for run in HAN.findall(word)]
    lengths = range(SHORTEST_NAME, LONGEST_NAME + 1)
    names = (run[start : start + n] for run in runs for n in lengths for start in range(len(run) - n + 1))
    return {text, *words, *names}


def _readings(text: str, user: User) -> list[tuple[str, Q]]:
    """What the text may be, the surest first; the first reading that finds anybody counts."""
    if number := number_in(text, settings.NUMBER_PATTERN, RECORD_KIND):
        return [("number", _or_merged(number=number))]
    estates, rest = _estates_in(text, user)
    here = Q(estate__in=[estate.pk for estate in estates]) if estates else Q(pk__isnull=False)
    readings = [("unit", unit & here)] if (unit := _unit(rest)) else []
    by_kind: dict[str, list[str]] = {}
    for meaning in meanings(rest):
        by_kind.setdefault(meaning.by, []).append(meaning.token)
    readings += [
        (by, here & _or_merged(customer__in=CustomerToken.objects.filter(token__in=tokens).values("customer")))
        for by, tokens in by_kind.items()
    ]
    return readings


def _or_merged(**conditions: object) -> Q:
    """Dossiers for which it holds, and those into which such a one was merged."""
    return Q(**conditions) | Q(pk__in=DossierPage.objects.filter(**conditions).values("merged_into"))


def _estates_in(text: str, user: User) -> tuple[list[Estate], str]:
    """Estates that the text begins with, by name or code, and what is left of it."""
    for estate in Estate.objects.visible_to(user):
        for written in (estate.name, estate.code):
            if text.upper().startswith(written.upper()) and len(text) > len(written):
                return [estate], text[len(written) :].strip(" ·-，,")
    return [], text


def _unit(text: str) -> Q | None:
    try:
        code = parse_unit(fold(text))
    except UnitCodeError:
        return None
    if code.entrance == NO_ENTRANCE:
        return Q(unit__building__code=code.building, unit__code__endswith=f"-{code.room}")
    return Q(unit__code=str(code))
