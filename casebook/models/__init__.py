from casebook.models.cases import CasePage
from casebook.models.distribution import Distribution, ReadReceipt
from casebook.models.folders import CaseIndexPage, EstateFolderPage, MonthFolderPage
from casebook.models.photos import CasePhoto
from casebook.models.reviews import CaseReview, DepartmentTask, ManagerTask

__all__ = [
    "CaseIndexPage",
    "CasePage",
    "CasePhoto",
    "CaseReview",
    "DepartmentTask",
    "Distribution",
    "EstateFolderPage",
    "ManagerTask",
    "MonthFolderPage",
    "ReadReceipt",
]
