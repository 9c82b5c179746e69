from archives.models.changes import ChangeRequest
from archives.models.customers import Customer, CustomerToken, ProfileVersion
from archives.models.deeds import DeedCorrection, DeedNumbers
from archives.models.documents import DossierDocument
from archives.models.dossiers import DossierPage
from archives.models.duplicates import DuplicateProposal, Merge
from archives.models.folders import ArchiveIndexPage, EstateArchivePage, MonthArchivePage
from archives.models.gates import GateOverride, GateRule
from archives.models.handovers import Handover
from archives.models.history import Contact, DossierStep
from archives.models.incidents import Incident, Letter
from archives.models.loans import Loan, LoanItem, PaperCheck
from archives.models.person_requests import PersonRequest
from archives.models.retention import DisposalItem, DisposalList, Hold
from archives.models.retention_rules import RetentionRule
from archives.models.templates import TemplateItem, TemplateRemoval, TemplateVersion
from archives.models.tenures import Tenure

__all__ = [
    "ArchiveIndexPage",
    "ChangeRequest",
    "Contact",
    "Customer",
    "CustomerToken",
    "DeedCorrection",
    "DeedNumbers",
    "DisposalItem",
    "DisposalList",
    "DossierDocument",
    "DossierPage",
    "DossierStep",
    "DuplicateProposal",
    "EstateArchivePage",
    "GateOverride",
    "GateRule",
    "Handover",
    "Hold",
    "Incident",
    "Letter",
    "Loan",
    "LoanItem",
    "Merge",
    "MonthArchivePage",
    "PaperCheck",
    "PersonRequest",
    "ProfileVersion",
    "RetentionRule",
    "TemplateItem",
    "TemplateRemoval",
    "TemplateVersion",
    "Tenure",
]
