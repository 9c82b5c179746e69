"""A department says what it made of a published lesson."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from casebook.models import Adoption, CasePage
from casebook.services.errors import CaseError
from casebook.services.wording import impersonal_words
from casebook.vocabulary import Outcome
from estates.access import reach_for_department
from estates.models import Department, User


@transaction.atomic
def adopt_lesson(
    *, by: User, case: CasePage, department: Department, outcome: str, standard_number: str = "", note: str = ""
) -> Adoption:
    """Adopted in standard drawing No. …, or not applicable and why. A later word of the department counts instead.

    Raises PermissionDenied, CaseError.
    """
    standard_number, note = impersonal_words(standard_number, 60), impersonal_words(note, 300)
    row = CasePage.objects.visible_to(by).filter(pk=case.pk, live=True).first()
    if row is None or not reach_for_department(by, department).covers(row.estate_id):
        raise PermissionDenied
    if not row.distributions.filter(department=department).exists():
        raise CaseError(_("这份案例没有发给%(department)s。") % {"department": department})
    if outcome not in Outcome:
        raise CaseError(_("请选择：已纳入标准图，或本部门不适用。"))
    if outcome == Outcome.ADOPTED and not standard_number:
        raise CaseError(_("请写明纳入的标准图号，例如：苏J-地下-07。"))
    if outcome == Outcome.NOT_APPLICABLE and not note:
        raise CaseError(_("请写明为什么不适用于本部门。"))
    made = Adoption(
        case=row,
        department=department,
        outcome=outcome,
        standard_number=standard_number if outcome == Outcome.ADOPTED else "",
        note=note,
        noted_by=by,
    )
    made.save()
    log(row, "casebook.adopted", user=by, data={"department": department.pk, "outcome": outcome})
    return made


def adoptable_by(user: User, case: CasePage) -> list[Department]:
    """Departments of the case's audience for which the user speaks."""
    handed = Department.objects.filter(pk__in=case.distributions.values("department"))
    return [d for d in handed if reach_for_department(user, d).covers(case.estate_id)]


def latest_adoptions(case: CasePage) -> list[Adoption]:
    """The word that counts of each department."""
    latest: dict[int, Adoption] = {}
    for adoption in case.adoptions.select_related("department", "noted_by").order_by("pk"):
        latest[adoption.department_id] = adoption
    return list(latest.values())
