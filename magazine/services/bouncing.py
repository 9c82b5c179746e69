"""What came back changes who is written to: gone addresses and complaints at once, full mailboxes after a while."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from magazine.bounces import Bounce
from magazine.models import Delivery, Subscriber
from magazine.services.subscribing import leave
from magazine.vocabulary import BounceKind, DeliveryState, Reason

SOFT_LIMIT = 3
"""So many mailings in a row that came back for a passing reason stop an address."""


@transaction.atomic
def note_bounce(bounce: Bounce) -> bool:
    """Write it down with its delivery; twice is once. False when it is about none of ours."""
    row = Delivery.objects.select_for_update(of=("self",)).filter(key=bounce.key).first() if bounce.key else None
    if row is None:
        return False
    if row.bounced in (bounce.kind, BounceKind.COMPLAINT, BounceKind.HARD):
        return True
    row.bounced = bounce.kind
    if bounce.status and not row.answer:
        row.answer = bounce.status
    if row.state == DeliveryState.UNKNOWN and bounce.kind == BounceKind.COMPLAINT:
        row.state = DeliveryState.SENT  # it arrived, to be complained of
    row.save(update_fields=["bounced", "answer", "state"])
    if row.subscriber:
        _draw_consequences(row.subscriber, row, bounce.kind)
    return True


def _draw_consequences(subscriber: Subscriber, row: Delivery, kind: str) -> None:
    if kind == BounceKind.COMPLAINT:
        leave(subscriber=subscriber, delivery=row, reason=Reason.COMPLAINED)
    elif kind == BounceKind.HARD:
        leave(subscriber=subscriber, delivery=row, reason=Reason.BOUNCED)
    else:
        Subscriber.objects.filter(pk=subscriber.pk).update(soft_bounces=F("soft_bounces") + 1)
        subscriber.refresh_from_db(fields=["soft_bounces"])
        if subscriber.soft_bounces >= SOFT_LIMIT:
            leave(subscriber=subscriber, delivery=row, reason=Reason.BOUNCED)
