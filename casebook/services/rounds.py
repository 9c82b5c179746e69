"""The next round of a signed review: accepted answers are carried over, what was not avoided is asked again."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from casebook.models import Answer, AnswerCheck, PackItem, ReviewPack
from casebook.services.answering import latest_answer
from casebook.services.errors import CaseError
from casebook.services.holding import hold_pack
from casebook.vocabulary import ItemState, PackState, Verdict
from estates.models import User


@transaction.atomic
def start_round(*, by: User, pack: ReviewPack) -> ReviewPack:
    """A new pack, being prepared, that follows a signed one with the same items. Raises PermissionDenied, CaseError."""
    held = hold_pack(pack, by)
    stage = held.stage
    if held.state != PackState.SIGNED:
        raise CaseError(_("签认之后才能开下一轮。"))
    if ReviewPack.objects.filter(previous=held).exists():
        raise CaseError(_("下一轮已经开了。"))
    if stage.closed_at:
        raise CaseError(_("这个阶段已经结束，不能再开下一轮。"))
    following = ReviewPack.objects.create(
        stage=stage,
        library=held.library,
        cap=held.cap,
        built_by=by,
        round=held.round + 1,
        first_round_id=held.first_round_id or held.pk,
        previous=held,
    )
    for item in held.items.order_by("position"):
        _carry_over(item, following, by)
    log(following, "casebook.round_started", user=by, data={"round": following.round})
    return following


def _carry_over(item: PackItem, pack: ReviewPack, by: User) -> None:
    latest = latest_answer(item)
    carried = PackItem.objects.create(
        pack=pack,
        case_id=item.case_id,
        version=item.version,
        position=item.position,
        score=item.score,
        reasons=item.reasons,
        shown=item.shown,
        photos=item.photos,
        is_positive=item.is_positive,
        discipline=item.discipline,
        added_by_id=item.added_by_id,
        state=ItemState.OPEN if latest.verdict == Verdict.NOT_AVOIDED else ItemState.ACCEPTED,
        answers=1,
        verdict=latest.verdict,
        reopened_for=PackItem.NOT_AVOIDED_BEFORE if latest.verdict == Verdict.NOT_AVOIDED else "",
    )
    kept = ("verdict", "drawing_number", "drawing_revision", "drawing_id", "page", "pin_x", "pin_y", "note")
    answer = Answer(
        item=carried,
        sequence=1,
        carried_from=latest,
        attachment_id=latest.attachment_id,
        answered_by_id=latest.answered_by_id,
        link_id=latest.link_id,
        **{name: getattr(latest, name) for name in kept},
    )
    answer.save()
    if carried.state == ItemState.ACCEPTED:
        AnswerCheck(answer=answer, accepted=True, checked_by=by).save()
