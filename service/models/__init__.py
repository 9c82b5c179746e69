from service.models.activities import Activity
from service.models.milestones import Milestone

__all__ = ["Activity", "Milestone"]
