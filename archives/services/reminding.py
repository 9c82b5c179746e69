"""The overdue ladder: the borrower after a day, the archivists after a week, managers and directors after two."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from archives.models import Loan
from archives.vocabulary import OUT_STATES
from estates.models import Assignment
from estates.roles import Role
from exchange.mail import mail_users

LADDER: tuple[tuple[int, frozenset[str]], ...] = (
    (1, frozenset()),
    (7, frozenset({Role.ARCHIVIST})),
    (14, frozenset({Role.MANAGER, Role.DIRECTOR})),
)
"""Days overdue, and the roles told beside the borrower."""


def remind_of_loans() -> int:
    """Mail each overdue loan once a rung; the mail names the dossier's number and nobody. Returns how many mails."""
    sent = 0
    late = Loan.objects.filter(state__in=OUT_STATES, due_on__lt=timezone.localdate())
    for loan in late.select_related("dossier__estate", "borrower"):
        rung = sum(loan.days_overdue >= days for days, _roles in LADDER)
        taken = Loan.objects.filter(pk=loan.pk, reminded__lt=rung).update(reminded=rung) if rung else 0
        if taken:
            sent += _tell(loan, rung)
    return sent


def _tell(loan: Loan, rung: int) -> int:
    roles = frozenset[str]().union(*(roles for _days, roles in LADDER[:rung]))
    here = Assignment.objects.filter(role__in=roles, user__is_active=True).filter(
        estate=loan.dossier.estate
    ) | Assignment.objects.filter(role__in=roles, user__is_active=True, estate=None)
    people = {loan.borrower_id or loan.asked_by_id, *here.values_list("user", flat=True)}
    with translation.override(settings.LANGUAGE_CODE):
        named = {"number": loan.dossier.number, "days": loan.days_overdue, "due": loan.due_on.isoformat()}
        subject = _("档案 %(number)s 的借阅已超期 %(days)d 天") % named
        body = _("应还日期 %(due)s。请归还，或到借阅登记里说明。") % named
        mail_users(people, subject=subject, body=f"{body}\n{settings.SITE_URL}{reverse('archives:loans')}")
    return len(people)
