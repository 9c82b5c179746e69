"""What the archive tells of a home: when tenures began and ended, and which dossiers were filed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.utils.timezone import make_aware
from django.utils.translation import gettext as _

from archives.models import DossierPage
from archives.vocabulary import GONE_STATES
from estates.timeline import Event

if TYPE_CHECKING:
    from estates.access import Person
    from estates.models import Unit


def dossier_events(user: Person, unit: Unit) -> Iterator[Event]:
    dossiers = DossierPage.objects.visible_to(user).filter(unit=unit).exclude(state__in=GONE_STATES)
    for dossier in dossiers.select_related("tenure"):
        tenure, url = dossier.tenure, dossier.get_absolute_url()
        if tenure is None:
            continue
        kind = str(tenure.get_kind_display())
        yield Event(_noon(tenure.opened_on), _("产权期"), _("%(kind)s开始") % {"kind": kind}, url=url)
        if tenure.closed_on:
            yield Event(_noon(tenure.closed_on), _("产权期"), _("%(kind)s结束") % {"kind": kind}, url=url)


def _noon(day: date) -> datetime:
    return make_aware(datetime.combine(day, time(12)))
