"""Setting right what nothing else may touch: the place of a numbered case, and a number given by mistake."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from casebook import policies
from casebook.models import CasePage
from casebook.placing import file_in_month
from casebook.services.alerting import note_changed
from casebook.services.errors import CaseError
from casebook.services.filing import RECORD, set_state
from casebook.services.wording import masked_words
from casebook.vocabulary import State
from estates.departments import members_of
from estates.models import Estate, Unit, User
from estates.numbering import void_number
from media.models import Photo
from media.services import refile_photo


@transaction.atomic
def correct_place(*, case: CasePage, by: User, estate: Estate, unit: Unit | None, reason: str) -> CasePage:
    """File a numbered case under another estate or unit, its photos with it. Number, address and date stay.

    Raises PermissionDenied unless the person manages both estates; CaseError for a draft (its form says where it
    is), without a reason, without a change, or when a review would be left without anybody to answer it.
    """
    row = CasePage.objects.select_for_update().get(pk=case.pk)
    if not (policies.may_manage_case(by, row) and policies.may_manage_on(by, estate)):
        raise PermissionDenied
    if not row.number:
        raise CaseError(_("草稿还没有编号，请直接在编辑页修改楼盘和房号。"))
    reason = masked_words(reason)
    if not reason:
        raise CaseError(_("请写明更正的原因。"))
    if (row.estate_id, row.unit_id) == (estate.pk, unit.pk if unit else None):
        raise CaseError(_("案例已经在这个位置，没有改动。"))
    _keep_reviews_answerable(row, estate)
    before = row.place_words
    row.estate, row.unit = estate, unit
    row.save(update_fields=["estate", "unit"], clean=False)
    file_in_month(row)
    for photo in Photo.objects.of_record(RECORD, row.pk):
        refile_photo(photo=photo, place=row.place, by=by)
    note_changed([row.pk])
    changes = {"reason": reason, "before": before, "after": row.place_words}
    log(instance=row, action="casebook.place", user=by, data=changes)
    return row


def _keep_reviews_answerable(row: CasePage, estate: Estate) -> None:
    for review in row.reviews.open().with_cases():
        if review.department and not members_of(review.department, estate).exists():
            raise CaseError(
                _("%(department)s在%(estate)s没有成员，更正后无人确认。请先指定人员，或等审核结束后再更正。")
                % {"department": review.department, "estate": estate}
            )
    row.reviews.open().update(estate=estate)


@transaction.atomic
def void_case(*, case: CasePage, by: User, reason: str) -> CasePage:
    """Give up a case filed by mistake: its number is void for good, with the reason; the record stays readable
    for its editors and takes no more changes.

    Raises PermissionDenied, and CaseError for a draft, a case that is published or in review, or without a reason.
    """
    row = CasePage.objects.select_for_update().get(pk=case.pk)
    if not policies.may_manage_case(by, row):
        raise PermissionDenied
    if not row.number or row.state == State.VOID:
        raise CaseError(_("只有带编号、还没有作废的案例可以作废。"))
    if row.live:
        raise CaseError(_("案例已发布，请先撤回，再作废编号。"))
    if row.workflow_in_progress:
        raise CaseError(_("案例正在审核，审核结束后才能作废。"))
    reason = masked_words(reason)
    if not reason:
        raise CaseError(_("请写明作废的原因。"))
    if row.current_workflow_state:
        row.current_workflow_state.cancel(user=by)
    void_number(number=row.number, reason=reason, by=by)
    log(instance=row, action="casebook.void", user=by, data={"reason": reason})
    row.refresh_from_db()
    set_state(row, State.VOID)
    return row
