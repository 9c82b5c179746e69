"""What handover and title deeds ask, and until when: a month before handover the customers' files are complete, and
fourteen days after a deed is done its number is in the dossier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from archives import policies
from archives.items import DOUBTS
from archives.models import DossierPage, Handover, Tenure
from archives.vocabulary import ADDRESS, GONE_STATES, MOBILE
from estates.access import reach_of
from estates.models import Unit
from estates.work import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from estates.models import User

PART = 500
MONTH, NOTICE = timedelta(31), timedelta(14)
DEED_DAYS = timedelta(14)
LACKED = {MOBILE: gettext_lazy("手机没有填写"), ADDRESS: gettext_lazy("通信地址没有填写")}


@dataclass(frozen=True, slots=True)
class Lacking:
    """A home whose file sales still owes; `why` in words, without anything that stands in the file."""

    unit: Unit
    dossier: DossierPage | None
    why: list[str]


def handovers_for(user: User) -> QuerySet[Handover]:
    reach = reach_of(user, policies.WATCHING_ROLES)
    return Handover.objects.filter(reach.q("estate")).select_related("estate", "building", "planned_by")


def homes_of(handover: Handover) -> QuerySet[Unit]:
    homes = Unit.objects.filter(estate=handover.estate)
    return homes.filter(building=handover.building) if handover.building_id else homes


def lacking_for(handover: Handover) -> Iterator[Lacking]:
    """Room number, phone and address of every home of the handover: what is not there yet, some homes at a time."""
    homes = homes_of(handover).select_related("building").order_by("code", "pk")
    for part in parts_of(homes.iterator(chunk_size=PART), PART):
        owned = DossierPage.objects.filter(
            unit__in=[home.pk for home in part], tenure__kind=Tenure.Kind.OWNER, tenure__closed_on=None
        )
        dossiers = owned.exclude(state__in=GONE_STATES).select_related("customer").order_by()
        by_home = {dossier.unit_id: dossier for dossier in dossiers}
        rows = (Lacking(home, by_home.get(home.pk), _why(home, by_home.get(home.pk))) for home in part)
        yield from (row for row in rows if row.why)


def _why(home: Unit, dossier: DossierPage | None) -> list[str]:
    if dossier is None:
        return [_("还没有移交客户资料")]
    customer = dossier.customer
    why = [] if home.is_registered else [_("房号没有核实")]
    why += [str(words) for code, words in LACKED.items() if code not in customer.filled]
    doubts = [customer.unclear[code] for code in (MOBILE, ADDRESS) if code in customer.unclear]
    return why + [str(DOUBTS[doubt]) for doubt in doubts]


def due_handovers(user: User) -> list[tuple[Handover, int]]:
    """Handovers whose files are due within NOTICE, or overdue, and not complete; with how many homes lack something."""
    soon = handovers_for(user).filter(begins_on__lte=timezone.localdate() + MONTH + NOTICE)
    counted = [(handover, count_lacking(handover)) for handover in soon]
    return [(handover, count) for handover, count in counted if count]


def count_lacking(handover: Handover) -> int:
    """As many as `lacking_for` lists, counted by the database."""
    owned = DossierPage.objects.filter(
        unit__in=homes_of(handover).filter(is_registered=True),
        tenure__kind=Tenure.Kind.OWNER,
        tenure__closed_on=None,
        customer__is_reachable=True,
    )
    return homes_of(handover).count() - owned.exclude(state__in=GONE_STATES).order_by().count()


def late_deeds(user: User) -> QuerySet[DossierPage]:
    """Dossiers whose deed is done and whose deed number is not entered, the longest waiting first."""
    reach = reach_of(user, policies.ENTERING_ROLES)
    rows = DossierPage.objects.visible_to(user).filter(reach.q("estate"), tenure__deed_on__isnull=False)
    lacking = rows.exclude(state__in=GONE_STATES).filter(tenure__has_deed_number=False)
    return lacking.select_related("estate", "unit", "tenure").order_by("tenure__deed_on", "pk")


def deed_due(deed_on: date) -> date:
    return deed_on + DEED_DAYS
