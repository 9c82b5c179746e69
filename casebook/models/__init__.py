from casebook.models.cases import CasePage
from casebook.models.distribution import Distribution, ReadReceipt
from casebook.models.folders import CaseIndexPage, EstateFolderPage, MonthFolderPage
from casebook.models.packs import LeftOutCase, PackItem, ReviewPack
from casebook.models.photos import CasePhoto
from casebook.models.projects import Project, ProjectStage
from casebook.models.reviews import CaseReview, DepartmentTask, ManagerTask

__all__ = [
    "CaseIndexPage",
    "CasePage",
    "CasePhoto",
    "CaseReview",
    "DepartmentTask",
    "Distribution",
    "EstateFolderPage",
    "LeftOutCase",
    "ManagerTask",
    "MonthFolderPage",
    "PackItem",
    "Project",
    "ProjectStage",
    "ReadReceipt",
    "ReviewPack",
]
