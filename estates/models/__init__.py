from estates.models.attempts import Attempt, attempted_too_often
from estates.models.numbers import Counter, NumberEntry
from estates.models.people import Assignment, Department, User
from estates.models.places import Building, Estate, Phase, Unit
from estates.models.workdays import CalendarDay

__all__ = [
    "Assignment",
    "Attempt",
    "Building",
    "CalendarDay",
    "Counter",
    "Department",
    "Estate",
    "NumberEntry",
    "Phase",
    "Unit",
    "User",
    "attempted_too_often",
]
