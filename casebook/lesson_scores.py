"""How a lesson did: shown, answered, avoided, recurred. And which lessons ask to be looked at again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, DateTimeField, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from casebook.models import CasePage, LessonReview, PackItem, Recurrence
from casebook.vocabulary import SAID, PackState, Verdict
from estates.access import Person

DAYS_A_MONTH = 30.44


@dataclass(frozen=True, slots=True)
class LessonScore:
    """Over all reviews, each counted once whatever its rounds. `recurred`: new cases linked to its items."""

    shown: int = 0
    answered: int = 0
    avoided: int = 0
    recurred: int = 0


def scores_of(case_ids: Collection[int]) -> dict[int, LessonScore]:
    """The scores of those cases that stood in a pack or recurred."""
    said = Q(state__in=SAID)
    rows = (
        PackItem.objects.filter(last_rounds(), case__in=case_ids)
        .order_by()
        .values("case")
        .annotate(shown=Count("pk"), answered=Count("pk", said), avoided=Count("pk", said & Q(verdict=Verdict.AVOIDED)))
    )
    again = recurrences_by_case(case_ids)
    scores = {row["case"]: LessonScore(row["shown"], row["answered"], row["avoided"]) for row in rows}
    return {pk: replace(scores.get(pk, LessonScore()), recurred=again.get(pk, 0)) for pk in {*scores, *again}}


def last_rounds() -> Q:
    """Items of packs that were handed over, of the last round that was."""
    handed_over = ~Q(pack__state=PackState.PREPARED)
    return handed_over & (Q(pack__next__isnull=True) | Q(pack__next__state=PackState.PREPARED))


def recurrences_by_case(case_ids: Collection[int] | None = None) -> Mapping[int, int]:
    """How many new cases were linked to each case's items."""
    rows = Recurrence.objects.order_by()
    if case_ids is not None:
        rows = rows.filter(item__case__in=case_ids)
    counted = rows.values_list("item__case").annotate(count=Count("case", distinct=True))
    return dict(counted.values_list("item__case", "count"))


def lessons_opened_again(user: Person) -> QuerySet[CasePage]:
    """Lessons that recurred since somebody last reviewed them; those that were *avoided* and recurred all the same
    come first: their wording does not say enough. `rewording` and `last_recurred` say so."""
    reviewed = LessonReview.objects.filter(case=OuterRef("pk")).order_by("-reviewed_at")
    recurred = Recurrence.objects.filter(item__case=OuterRef("pk")).order_by("-linked_at")
    avoided = recurred.filter(verdict=Verdict.AVOIDED)
    cases = CasePage.objects.visible_to(user).annotate(
        last_recurred=Subquery(recurred.values("linked_at")[:1], output_field=DateTimeField()),
        rewording=Subquery(avoided.values("linked_at")[:1], output_field=DateTimeField()),
        last_reviewed=Subquery(reviewed.values("reviewed_at")[:1], output_field=DateTimeField()),
    )
    open_again = cases.filter(
        Q(last_reviewed=None) | Q(last_recurred__gt=F("last_reviewed")), last_recurred__isnull=False
    )
    return open_again.order_by(F("rewording").desc(nulls_last=True), "-last_recurred")


def lessons_due(user: Person) -> QuerySet[CasePage]:
    """Published lessons that nobody has published or reviewed for LESSONS_DUE_AFTER_MONTHS, the oldest first."""
    limit = timezone.now() - timedelta(settings.LESSONS_DUE_AFTER_MONTHS * DAYS_A_MONTH)
    cases = CasePage.objects.visible_to(user).live().exclude(lesson="").filter(last_published_at__lt=limit)
    seen = cases.annotate(reviewed=Max("lesson_reviews__reviewed_at")).filter(Q(reviewed=None) | Q(reviewed__lt=limit))
    return seen.annotate(
        looked_at=Coalesce(Greatest("last_published_at", "reviewed"), "last_published_at", output_field=DateTimeField())
    ).order_by("looked_at", "pk")
