"""Customer service checks each answer: accepted, or sent back with what is missing."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from casebook import policies
from casebook.models import Answer, AnswerCheck, PackItem, ReviewPack
from casebook.notices import tell_of_return
from casebook.services.answering import AnsweredMeanwhile, latest_answer
from casebook.services.errors import CaseError
from casebook.services.wording import impersonal_words
from casebook.vocabulary import ItemState, PackState
from estates.models import User

LONGEST_REMARK = 500


@transaction.atomic
def check_answer(*, by: User, item: PackItem, seen: int, accept: bool, remark: str = "") -> AnswerCheck:
    """Accept the latest answer, or send it back. `seen`: the sequence that the person read.

    Raises PermissionDenied, AnsweredMeanwhile, and CaseError where there is nothing to check or no remark is given.
    """
    held = _held(item, by)
    remark = impersonal_words(remark, LONGEST_REMARK)
    if not accept and not remark:
        raise CaseError(_("请写明退回的原因，答复人能看到。"))
    if held.state not in (ItemState.ANSWERED, ItemState.ACCEPTED):
        raise CaseError(_("这一条现在没有等待核对的答复。"))
    answer = latest_answer(held)
    if held.answers != seen:
        raise AnsweredMeanwhile(answer)
    return _check(by, held, answer, accept=accept, remark=remark)


@transaction.atomic
def accept_answers(*, by: User, items: Iterable[tuple[PackItem, int]]) -> int:
    """Accept the answers that were seen and wait; others stay. Returns how many. Raises PermissionDenied."""
    accepted = 0
    for item, seen in sorted(items, key=lambda pair: pair[0].pk):
        held = _held(item, by)
        if held.state == ItemState.ANSWERED and held.answers == seen:
            _check(by, held, latest_answer(held), accept=True, remark="")
            accepted += 1
    return accepted


def _held(item: PackItem, by: User) -> PackItem:
    held = PackItem.objects.select_for_update().get(pk=item.pk)
    pack = ReviewPack.objects.select_related("stage__project__estate").get(pk=held.pack_id)
    if not policies.may_manage_on(by, pack.stage.project.estate):
        raise PermissionDenied
    if pack.state != PackState.HANDED_OVER:
        raise CaseError(_("审查包不在审查中，不能核对。"))
    return held


def _check(by: User, item: PackItem, answer: Answer, *, accept: bool, remark: str) -> AnswerCheck:
    """One check per answer: accepting what was sent back, or the reverse, needs a new answer. The first item that is
    sent back is mailed; those that follow while it waits are found beside it."""
    if AnswerCheck.objects.filter(answer=answer).exists():
        raise CaseError(_("这个答复已经核对过。要再改，请答复人重新回答。"))
    made = AnswerCheck(answer=answer, accepted=accept, remark=remark, checked_by=by)
    made.save()
    if not accept and not item.pack.items.filter(state=ItemState.SENT_BACK).exists():
        tell_of_return(item.pack_id)
    item.state = ItemState.ACCEPTED if accept else ItemState.SENT_BACK
    item.save(update_fields=["state"])
    return made
