from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from casebook.models import CaseReview, ReviewPack
from casebook.notices import remind, remind_respondents, tell_of_failed_queries
from casebook.vocabulary import TO_ANSWER, PackState
from search.models import FailedList, FailedQuery
from search.synonyms import monday_of, proposals


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


@transaction.atomic
def mail_failed_list() -> int:
    """Once a week, to those who keep the words of search: how many queries of the week before found nothing. Returns
    how many there were."""
    week = monday_of(timezone.localdate()) - timedelta(weeks=1)
    times = FailedQuery.objects.filter(week=week).aggregate(times=Sum("times"))["times"] or 0
    if times and FailedList.objects.get_or_create(week=week)[1]:
        tell_of_failed_queries(week, times, len(proposals()))
        return int(times)
    return 0


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
