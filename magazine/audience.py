"""To whom a mailing goes: decided when sending begins, one delivery each."""

from __future__ import annotations

from django.db.models import QuerySet

from magazine.models import Delivery, Mailing, Subscriber
from magazine.vocabulary import DeliveryState

BATCH = 1_000


def readers_of(mailing: Mailing) -> QuerySet[Subscriber]:
    """Those who subscribe now, want it, are of its estates, and have not got the issue yet."""
    estates = list(mailing.estates.values_list("pk", flat=True))
    wanting = Subscriber.objects.active().wanting(estates=estates, interests=list(mailing.interests))
    if mailing.issue_id:
        wanting = wanting.exclude(pk__in=_have_it(mailing))
    return wanting.order_by("pk")


def _have_it(mailing: Mailing) -> QuerySet[Delivery, int]:
    """Subscribers who got the issue by an earlier mailing, or may have got it."""
    earlier = Delivery.objects.filter(mailing__issue=mailing.issue_id, subscriber__isnull=False)
    return earlier.exclude(state__in=[DeliveryState.FAILED, DeliveryState.LEFT_OUT]).values_list(
        "subscriber", flat=True
    )


def fill_deliveries(mailing: Mailing) -> int:
    """A delivery for each reader of a mailing to subscribers, in the caller's transaction. Those of colleagues were
    made with their editions. Returns how many."""
    edition = mailing.editions.order_by("pk").first()
    if edition is None or mailing.deliveries.exists():
        return 0
    rows = [
        Delivery(mailing=mailing, edition=edition, subscriber=r, domain=r.domain)
        for r in readers_of(mailing).only("pk", "domain")
    ]
    Delivery.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)
