"""Working days: announced public holidays, overridden by the days that staff entered."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar

from estates.models import CalendarDay

SATURDAY = 5
LONGEST_SPAN = 366


def is_workday(day: date) -> bool:
    """Staff's word first, then the announced calendar, then (for a year not announced yet) Monday to Friday."""
    entered = CalendarDay.objects.filter(date=day).values_list("is_workday", flat=True).first()
    return _announced(day) if entered is None else entered


def add_workdays(start: date, count: int) -> date:
    """The `count`-th working day after `start`; `start` itself never counts."""
    entered = dict(
        CalendarDay.objects.filter(date__gt=start, date__lte=start + timedelta(LONGEST_SPAN)).values_list(
            "date", "is_workday"
        )
    )
    day = start
    while count:
        day += timedelta(1)
        count -= entered.get(day, _announced(day))
    return day


def _announced(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < SATURDAY
