"""A reviewer's word: confirm, or object with a reason."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from casebook import policies
from casebook.models import CasePage, CaseReview
from casebook.notices import tell_editor_of_objection, tell_reviewers
from casebook.reviewers import reviewers_in_words
from casebook.services.errors import CaseError
from casebook.services.filing import set_state
from casebook.services.wording import masked_words
from casebook.vocabulary import State
from estates.models import User


@transaction.atomic
def confirm_case(*, review: CaseReview, by: User, comment: str = "") -> CasePage:
    """Confirm this step; the last confirmation publishes the version that was reviewed.

    Raises PermissionDenied for anybody the step does not wait for, CaseError when it is decided already, or when it is
    the person's own version and needs somebody else.
    """
    held = _open_review(review, by)
    held.approve(user=by, comment=masked_words(comment))
    tell_reviewers(held.case_id)
    return CasePage.objects.get(pk=held.case_id)


@transaction.atomic
def object_to_case(*, review: CaseReview, by: User, reason: str) -> CasePage:
    """Return the case to its editor. It keeps its number and comes back to this step.

    Raises PermissionDenied, and CaseError without a reason or when the step is decided already.
    """
    held = _open_review(review, by)
    reason = masked_words(reason)
    if not reason:
        raise CaseError(_("请写明异议的原因，编辑才知道要改什么。"))
    held.reject(user=by, comment=reason)
    case = CasePage.objects.get(pk=held.case_id)
    if not case.live:
        set_state(case, State.RETURNED)
    tell_editor_of_objection(held.pk)
    return case


def _open_review(review: CaseReview, by: User) -> CaseReview:
    CasePage.objects.select_for_update().get(pk=review.case_id)
    held = CaseReview.reviews.select_related("department").get(pk=review.pk)
    if not policies.holds_step(by, held):
        raise PermissionDenied
    if held.status != CaseReview.STATUS_IN_PROGRESS:
        raise CaseError(_("这一步已经由%(person)s处理，不需要再操作。") % {"person": held.finished_by or _("其他人")})
    if policies.is_author_alone(by, held):
        raise CaseError(
            _("这一版是您填写或修改的，要由另一个人确认。可以办理的人：%(who)s。") % {"who": reviewers_in_words(held)}
        )
    return held
