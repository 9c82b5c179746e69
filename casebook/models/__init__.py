from casebook.models.adoptions import Adoption
from casebook.models.answers import Answer, AnswerCheck
from casebook.models.cases import CasePage
from casebook.models.distribution import Distribution, ReadReceipt
from casebook.models.drawings import Drawing
from casebook.models.folders import CaseIndexPage, EstateFolderPage, MonthFolderPage
from casebook.models.following import (
    Alert,
    Cadence,
    ChangedCase,
    PinnedCase,
    RecentCase,
    RecentQuery,
    SavedSearch,
    Usefulness,
)
from casebook.models.links import LinkVisit, OutsideLink
from casebook.models.packs import Assignee, LeftOutCase, PackItem, ReviewPack
from casebook.models.photos import CasePhoto
from casebook.models.projects import Project, ProjectStage
from casebook.models.recurrences import LessonReview, NoRecurrence, Recurrence
from casebook.models.reviews import CaseReview, DepartmentTask, ManagerTask
from casebook.models.sign_offs import Condition, SignOff

__all__ = [
    "Adoption",
    "Alert",
    "Answer",
    "AnswerCheck",
    "Assignee",
    "Cadence",
    "CaseIndexPage",
    "CasePage",
    "CasePhoto",
    "CaseReview",
    "ChangedCase",
    "Condition",
    "DepartmentTask",
    "Distribution",
    "Drawing",
    "EstateFolderPage",
    "LeftOutCase",
    "LessonReview",
    "LinkVisit",
    "ManagerTask",
    "MonthFolderPage",
    "NoRecurrence",
    "OutsideLink",
    "PackItem",
    "PinnedCase",
    "Project",
    "ProjectStage",
    "ReadReceipt",
    "RecentCase",
    "RecentQuery",
    "Recurrence",
    "ReviewPack",
    "SavedSearch",
    "SignOff",
    "Usefulness",
]
