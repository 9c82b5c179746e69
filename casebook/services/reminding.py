from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from casebook.models import CaseReview, ReviewPack
from casebook.notices import remind, remind_respondents
from casebook.vocabulary import TO_ANSWER, PackState


def remind_overdue_packs() -> int:
    """Mail, once, about packs whose answers are overdue, to those who answer. Returns how many packs."""
    today = timezone.localdate()
    count = 0
    late = ReviewPack.objects.filter(state=PackState.HANDED_OVER, due_on__lt=today, reminded_on=None)
    for pk in late.filter(items__state__in=TO_ANSWER).distinct().values_list("pk", flat=True):
        with transaction.atomic():
            if ReviewPack.objects.filter(pk=pk, reminded_on=None).update(reminded_on=today):
                remind_respondents(pk)
                count += 1
    return count


def remind_overdue() -> int:
    """Mail what is overdue, once per step of a review. Returns how many steps were reminded of."""
    count = 0
    for pk in CaseReview.reviews.overdue().filter(reminded_on=None).values_list("pk", flat=True):
        with transaction.atomic():
            claimed = CaseReview.reviews.filter(pk=pk, reminded_on=None).update(reminded_on=timezone.localdate())
            if claimed:
                remind(CaseReview.reviews.with_cases().get(pk=pk))
                count += 1
    return count
