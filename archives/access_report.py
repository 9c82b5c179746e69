"""The access register as people read it: by person, by dossier, by kind; who looked unusually often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from archives.models import DossierPage
from archives.policies import may_read_register
from archives.vocabulary import DocumentKind, Purpose, Step
from estates.models import User
from estates.wording import enumeration
from vault.models import AccessEntry
from vault.models.access import Act

if TYPE_CHECKING:
    from django.db.models import QuerySet

DAYS = 30
UNUSUAL, LEAST = 3, 20
"""A day counts as unusual with at least LEAST readings and UNUSUAL times the person's own usual day."""

READING = (Act.VIEWED, Act.REVEALED, Act.SEARCHED, Act.DOWNLOADED, Act.PRINTED, Act.EXPORTED)
FOUND_BY = {
    "number": _("按档案编号"),
    "unit": _("按房号"),
    "phone": _("按电话"),
    "tail": _("按电话末四位"),
    "identity": _("按证件号码"),
    "pinyin": _("按拼音"),
    "name": _("按姓名"),
}


@dataclass(frozen=True, slots=True)
class Unusual:
    who: object
    day: date
    count: int
    usual: float


def readable_entries(user: User) -> QuerySet[AccessEntry]:
    """Lines of dossiers on the estates whose registers the person may read; searches that found nobody with all."""
    reach = may_read_register(user)
    if reach.everywhere:
        return AccessEntry.objects.all()
    if not reach:
        return AccessEntry.objects.none()
    dossiers = DossierPage.objects.filter(reach.q("estate")).order_by()
    keys = Q(record__in=dossiers.values("number")) | Q(record__in=dossiers.values("slug"))
    return AccessEntry.objects.filter(keys)


def entries_about(dossier: DossierPage) -> QuerySet[AccessEntry]:
    """Everything that was done with the dossier, before and after it got its number."""
    return AccessEntry.objects.filter(record__in=keys_of(dossier.key))


def keys_of(key: str) -> list[str]:
    """Everything that lines may call the dossier of that key: its number, and what it was called before it had one."""
    row = DossierPage.objects.with_key(key)
    return [one for one in (row.number, row.slug) if one] if row else [key]


def dossiers_named(entries: Sequence[AccessEntry]) -> Mapping[str, DossierPage]:
    """The dossiers of the lines, by what the lines call them."""
    keys = {entry.record for entry in entries if entry.record}
    rows = DossierPage.objects.select_related("estate", "unit").filter(Q(number__in=keys) | Q(slug__in=keys))
    return {key: row for row in rows for key in (row.number, row.slug) if key}


def unusual_days(entries: QuerySet[AccessEntry]) -> list[Unusual]:
    """Days of the last DAYS on which somebody read far more than on his own usual day."""
    since = timezone.now() - timedelta(DAYS)
    counted = (
        entries.filter(act__in=READING, at__gte=since)
        .annotate(day=TruncDate("at"))
        .values("who", "day")
        .annotate(n=Count("pk"))
        .order_by("who", "day")
    )
    by_person: dict[int, dict[date, int]] = {}
    for row in counted:
        by_person.setdefault(row["who"], {})[row["day"]] = row["n"]
    found = []
    for who, days in by_person.items():
        for day, count in days.items():
            usual = median([n for other, n in days.items() if other != day] or [0])
            if count >= LEAST and count >= UNUSUAL * max(usual, 1):
                found.append((who, day, count, usual))
    return _with_people(found)


def _with_people(found: list[tuple[int, date, int, float]]) -> list[Unusual]:
    people = User.objects.in_bulk([who for who, *_rest in found])
    rows = [Unusual(people.get(who, "—"), day, count, usual) for who, day, count, usual in found]
    return sorted(rows, key=lambda row: (row.day, row.count), reverse=True)


def part_in_words(entry: AccessEntry) -> str:
    """Which part of the dossier the line is about: the data, or which documents by kind and number."""
    return enumeration(_named(code) for code in entry.part.split())


def _named(code: str) -> str:
    kind, _dash, rest = code.partition("-")
    title, _dash, version = rest.partition("-v")
    if kind not in DocumentKind.values:
        return gettext("客户资料第 %(n)s 版") % {"n": code.removeprefix("v")}
    named = {"kind": DocumentKind(kind).label, "title": title, "version": version}
    return gettext("%(kind)s %(title)s，第 %(version)s 版") % named


def purpose_in_words(entry: AccessEntry) -> str:
    """What the line says about why or how, in the reader's language."""
    if entry.act == Act.SEARCHED:
        return str(FOUND_BY.get(entry.purpose, ""))
    for known in (Purpose, Step):
        if entry.purpose in known.values:
            return str(known(entry.purpose).label)
    return entry.purpose
