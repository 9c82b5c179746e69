"""What came of a mailing, in numbers that add up. Opens and clicks are not known: nobody is tracked."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from magazine.models import Mailing
from magazine.vocabulary import BounceKind, DeliveryState


@dataclass(frozen=True, slots=True)
class Report:
    """`addressed` is the sum of the seven that follow but for the last three, which are parts of `sent`."""

    addressed: int
    waiting: int
    sent: int
    failed: int
    unknown: int
    left_out: int
    bounced: int
    complained: int
    unsubscribed: int
    answers: tuple[tuple[str, int], ...]
    """What the servers said of those that failed, the most frequent first."""

    @property
    def settled(self) -> int:
        return self.addressed - self.waiting

    @property
    def percent(self) -> int:
        return 100 * self.settled // self.addressed if self.addressed else 0


def report_of(mailing: Mailing) -> Report:
    rows = mailing.deliveries.all()
    counts = rows.counted()
    bounced = dict(rows.exclude(bounced="").values_list("bounced").annotate(count=Count("pk")))
    said = rows.in_state(DeliveryState.FAILED).values_list("answer").annotate(count=Count("pk")).order_by("-count")
    return Report(
        addressed=sum(counts.values()),
        waiting=counts[DeliveryState.QUEUED] + counts[DeliveryState.CLAIMED],
        sent=counts[DeliveryState.SENT],
        failed=counts[DeliveryState.FAILED],
        unknown=counts[DeliveryState.UNKNOWN],
        left_out=counts[DeliveryState.LEFT_OUT],
        bounced=bounced.get(BounceKind.HARD, 0) + bounced.get(BounceKind.SOFT, 0),
        complained=bounced.get(BounceKind.COMPLAINT, 0),
        unsubscribed=rows.exclude(left_at=None).count(),
        answers=tuple(said[:8]),
    )
