from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from casebook.models import CaseReview
from casebook.notices import remind


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
