"""What a person keeps for himself: written for himself alone, about what he may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction

from casebook.models import CasePage, PinnedCase, RecentCase, RecentQuery, Usefulness

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from estates.models import User

KEPT = 20
"""Recent queries, and recent cases, of each person; older ones are forgotten."""

LONGEST_TEXT = 60


@transaction.atomic
def note_query(*, by: User, text: str, asked: str) -> None:
    """A search that found something, of which the caller knows that it names nobody. `asked` is its address' query."""
    if not text or len(text) > LONGEST_TEXT:
        return
    RecentQuery.objects.update_or_create(user=by, text=text, defaults={"asked": asked})
    _keep_newest(RecentQuery.objects.filter(user=by))


@transaction.atomic
def note_opened(*, by: User, case: CasePage) -> None:
    RecentCase.objects.update_or_create(user=by, case=case)
    _keep_newest(RecentCase.objects.filter(user=by))


def _keep_newest(rows: QuerySet[RecentQuery] | QuerySet[RecentCase]) -> None:
    rows.filter(pk__in=list(rows.values_list("pk", flat=True)[KEPT:])).delete()


def pin_case(*, by: User, case: CasePage) -> None:
    """Raises PermissionDenied."""
    _refuse_unseen(by, case)
    PinnedCase.objects.get_or_create(user=by, case=case)


def unpin_case(*, by: User, case: CasePage) -> None:
    PinnedCase.objects.filter(user=by, case=case).delete()


def say_useful(*, by: User, case: CasePage, useful: bool | None) -> None:
    """None takes the opinion back. Raises PermissionDenied."""
    _refuse_unseen(by, case)
    if useful is None:
        Usefulness.objects.filter(user=by, case=case).delete()
    else:
        Usefulness.objects.update_or_create(user=by, case=case, defaults={"was_useful": useful})


def opinions_of(case: CasePage) -> tuple[int, int]:
    """How many readers found the lesson useful, and how many gave an opinion."""
    given = list(Usefulness.objects.filter(case=case).values_list("was_useful", flat=True))
    return sum(given), len(given)


def _refuse_unseen(by: User, case: CasePage) -> None:
    if not CasePage.objects.visible_to(by).filter(pk=case.pk).exists():
        raise PermissionDenied


@transaction.atomic
def forget_recent(*, by: User) -> None:
    """What he asked and opened lately."""
    RecentQuery.objects.filter(user=by).delete()
    RecentCase.objects.filter(user=by).delete()
