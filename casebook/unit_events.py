"""What the case library tells of a home."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import TYPE_CHECKING

from django.utils.timezone import make_aware
from django.utils.translation import gettext as _

from casebook.models import CasePage
from estates.timeline import Event

if TYPE_CHECKING:
    from estates.access import Person
    from estates.models import Unit

MOST = 50


def case_events(user: Person, unit: Unit) -> Iterator[Event]:
    """The unit's cases that the person may see, the newest MOST."""
    cases = CasePage.objects.visible_to(user).filter(unit=unit).order_by("-record_date", "-pk")
    for case in cases.only("pk", "number", "slug", "title", "record_date")[:MOST]:
        at = make_aware(datetime.combine(case.record_date, time(12)))
        yield Event(at, _("案例"), f"{case.number or ''} {case.title}".strip(), url=case.get_absolute_url())
