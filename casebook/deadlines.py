from __future__ import annotations

from datetime import date

from django.conf import settings
from django.utils import timezone

from estates.calendar import add_workdays


def due_date(start: date | None = None) -> date:
    """The working day by which a review started on that day (today) is to be decided."""
    return add_workdays(start or timezone.localdate(), settings.CONFIRM_WITHIN_WORKDAYS)
