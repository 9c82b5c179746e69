"""Subscriptions: asked for, confirmed by the person, changed, ended. The address is sealed from the first moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from estates.models import Estate
from magazine.addresses import Address, parse_address
from magazine.models import Delivery, Subscriber, Suppression
from magazine.models.subscribers import new_key
from magazine.vocabulary import Interest, Reason, Source, SubscriberState
from vault.blind_index import token
from vault.data_keys import destroy_many, make_key
from vault.sealing import seal, unseal, unseal_many

CONFIRM_WITHIN = timedelta(days=7)
"""So long a link of confirmation holds; then the address is forgotten."""

ASK_AGAIN_AFTER = timedelta(minutes=10)
"""Whoever types the same address again and again sends it no more than one mail in that time."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a subscriber wants to read of. No estates means all."""

    estates: Sequence[Estate] = ()
    interests: Collection[str] = field(default_factory=lambda: Interest.values)


def address_token(address: Address) -> str:
    return token("mail", address.key)


def domain_token(address: Address) -> str:
    return token("mail-domain", address.domain)


def address_of(subscriber: Subscriber) -> Address:
    """Raises what `vault.sealing.unseal` raises."""
    return parse_address(unseal(subscriber.subject, subscriber.spot, bytes(subscriber.sealed)).decode())


def addresses_of(subscribers: Sequence[Subscriber]) -> dict[int, Address]:
    """By subscriber; those whose key was destroyed are left out."""
    opened = unseal_many([(one.subject, one.spot, bytes(one.sealed)) for one in subscribers])
    return {one.pk: parse_address(plain.decode()) for one, plain in zip(subscribers, opened, strict=True) if plain}


@transaction.atomic
def ask_to_subscribe(*, address: Address, wishes: Wishes, consent: str) -> Subscriber | None:
    """Somebody, perhaps not the owner of the address, asks. Returns the subscriber to whom a mail goes: to confirm, or,
    where he subscribes already, to say so, changing nothing. None where one went a moment ago."""
    found = Subscriber.objects.select_for_update().filter(token=address_token(address)).first()
    now = timezone.now()
    if found and found.state in (SubscriberState.ACTIVE, SubscriberState.PENDING):
        if abs(now - found.asked_at) < ASK_AGAIN_AFTER:
            return None
        if found.state == SubscriberState.ACTIVE:
            Subscriber.objects.filter(pk=found.pk).update(asked_at=now)
            return found
    if found is None:
        found = new_subscriber(address, source=Source.WEB)
    if _has_lapsed(found):
        found.key = new_key()  # else the link of the mail before goes on leading here
    found.asked_at, found.consent = now, consent[:200]
    if found.state != SubscriberState.STOPPED:
        found.state = SubscriberState.PENDING
    _set_wishes(found, wishes)
    return found


def new_subscriber(address: Address, *, source: Source) -> Subscriber:
    """A row not yet active; wants everything."""
    row = Subscriber(token=address_token(address), domain=domain_token(address), source=source)
    make_key(row.subject)
    row.sealed = seal(row.subject, row.spot, address.spec.encode())
    row.save()
    return row


@transaction.atomic
def confirm_subscription(*, key: str) -> Subscriber | None:
    """The person says yes by the link from the mail. Twice is once; None for a link that holds no longer. What had
    stopped the address is lifted: the mail arrived, and the wish is new."""
    row = Subscriber.objects.select_for_update().filter(key=key).first()
    if row is None or _has_lapsed(row):
        return None
    if row.state != SubscriberState.ACTIVE:
        row.state, row.consented_at, row.left_at, row.soft_bounces = SubscriberState.ACTIVE, timezone.now(), None, 0
        row.save()
        Suppression.objects.filter(token=row.token).delete()
    return row


def _has_lapsed(row: Subscriber) -> bool:
    waits = row.state in (SubscriberState.PENDING, SubscriberState.STOPPED)
    return row.state == SubscriberState.LEFT or (waits and row.asked_at < timezone.now() - CONFIRM_WITHIN)


@transaction.atomic
def change_wishes(*, key: str, wishes: Wishes) -> Subscriber | None:
    row = Subscriber.objects.select_for_update().active().filter(key=key).first()
    if row:
        _set_wishes(row, wishes)
    return row


def _set_wishes(row: Subscriber, wishes: Wishes) -> None:
    for interest in Interest.values:
        setattr(row, f"wants_{interest}", interest in wishes.interests)
    row.save()
    row.estates.set(wishes.estates)


@transaction.atomic
def leave(*, subscriber: Subscriber, delivery: Delivery | None = None, reason: Reason = Reason.LEFT) -> None:
    """Nothing is sent to the subscriber from now on, a mailing under way included. Twice is once."""
    row = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
    now = timezone.now()
    if row.state not in (SubscriberState.LEFT, SubscriberState.STOPPED):
        row.state = SubscriberState.LEFT if reason == Reason.LEFT else SubscriberState.STOPPED
        row.left_at = now
        row.save(update_fields=["state", "left_at"])
    Suppression.objects.get_or_create(token=row.token, defaults={"reason": reason})
    if delivery and reason == Reason.LEFT:
        Delivery.objects.filter(pk=delivery.pk, left_at=None).update(left_at=now)


@transaction.atomic
def forget_subscribers(subscribers: Collection[Subscriber]) -> int:
    """Erase them for good; that a suppressed address gets nothing stays known by its token."""
    rows = list(subscribers)
    Subscriber.objects.filter(pk__in=[row.pk for row in rows]).delete()
    subjects = [row.subject for row in rows]
    transaction.on_commit(lambda: destroy_many(subjects))
    return len(rows)


def forget_unconfirmed(now: datetime | None = None) -> int:
    """Addresses that somebody typed and nobody confirmed in time. Returns how many."""
    until = (now or timezone.now()) - CONFIRM_WITHIN
    lapsed = Subscriber.objects.filter(state=SubscriberState.PENDING, asked_at__lt=until)
    return forget_subscribers(list(lapsed))


def reader_of(key: str) -> tuple[Subscriber | None, Delivery | None]:
    """Whom a link of a mail belongs to: the key of a delivery, or of the subscriber himself."""
    delivery = Delivery.objects.select_related("subscriber").filter(key=key).first()
    if delivery:
        return delivery.subscriber, delivery
    return Subscriber.objects.filter(key=key).first(), None
