from estates.models.numbers import Counter, NumberEntry
from estates.models.people import Assignment, Department, User
from estates.models.places import Building, Estate, Phase, Unit
from estates.models.workdays import CalendarDay

__all__ = [
    "Assignment",
    "Building",
    "CalendarDay",
    "Counter",
    "Department",
    "Estate",
    "NumberEntry",
    "Phase",
    "Unit",
    "User",
]
