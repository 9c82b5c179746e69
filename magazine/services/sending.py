"""The postman: every delivery is claimed before it is sent, and ends as sent, failed or unknown, whatever breaks off.

A mailing has one runner at a time, by a lease that it renews. Whoever takes over from a runner that died sets what was
claimed to *unknown*: a mail of which nobody saw the answer is sent again only when a person says so.
"""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from estates.models import User
from magazine.addresses import Address
from magazine.audience import fill_deliveries
from magazine.bounces import Bounce
from magazine.messages import message_for
from magazine.models import Delivery, Mailing, Subscriber
from magazine.recipients import addresses_for
from magazine.services.bouncing import note_bounce
from magazine.vocabulary import BounceKind, DeliveryState, MailingState, SubscriberState
from outputs.carriers import Answer, Carrier, End, Unreachable
from outputs.outgoing.envelopes import envelope_sender
from vault.fingerprints import KeysUnusable

BATCH = 50
MINUTE = timedelta(minutes=1)
NO_SUCH_MAILBOX = re.compile(r"\b5\.1\.(?:1|2|3|6|10)\b")
"""Status codes (RFC 3463, RFC 7505) that say: not now and not ever. A refusal with one is a hard bounce at once."""

TOO_MANY_REFUSALS = 25
"""So many refusals one after the other are about us, not about the recipients: the mailing is paused."""

logger = logging.getLogger(__name__)


@dataclass
class Round:
    """What one run did, and why it ended: `rest` is how long to wait before the next; None when nothing is left."""

    ends: Counter[str] = field(default_factory=Counter)
    rest: timedelta | None = None


@dataclass
class Runner:
    """One process that sends one mailing. `refusals` counts those one after the other."""

    mailing: Mailing
    carrier: Carrier
    between: Callable[[], object] = lambda: None
    name: UUID = field(default_factory=uuid4)
    refusals: int = 0
    renewed: float = field(default_factory=time.monotonic)
    round: Round = field(default_factory=Round)


def send_mailing(mailing: Mailing, carrier: Carrier, between: Callable[[], object] = lambda: None) -> Round:
    """Send what can be sent now; returns when all is settled, when only waiting is left, or when the mailing was
    paused. May be called by several processes: one sends. `between` is called before each mail."""
    runner = Runner(mailing, carrier, between)
    if not _take(runner):
        return runner.round
    try:
        while batch := _due_batch(runner):
            if not _send_batch(runner, batch):
                return runner.round
        _finish_or_wait(runner)
    except Unreachable as error:
        _note_trouble(runner, _("连不上邮件服务器：%(why)s") % {"why": error})
        runner.round.rest = timedelta(seconds=settings.MAIL_RETRY_SECONDS)
    except KeysUnusable as error:
        _note_trouble(runner, str(error))
        runner.round.rest = timedelta(seconds=settings.MAIL_RETRY_SECONDS)
    finally:
        Mailing.objects.filter(pk=mailing.pk, runner=runner.name).update(runner=None)
    return runner.round


@transaction.atomic
def _take(runner: Runner) -> bool:
    """Become the mailing's runner, unless another is alive. What the last one left claimed is unknown."""
    row = Mailing.objects.select_for_update(of=("self",)).due().filter(pk=runner.mailing.pk).first()
    if row is None:
        return False
    if row.runner and not _is_stale(row.runner_seen_at):
        runner.round.rest = timedelta(seconds=settings.MAIL_LEASE_SECONDS)
        return False
    now = timezone.now()
    if row.state == MailingState.APPROVED:
        fill_deliveries(row)
        row.state, row.started_at = MailingState.SENDING, now
    row.runner, row.runner_seen_at = runner.name, now
    row.save(update_fields=["state", "started_at", "runner", "runner_seen_at"])
    left_claimed = row.deliveries.in_state(DeliveryState.CLAIMED)
    left_claimed.update(state=DeliveryState.UNKNOWN, settled_at=now)
    runner.mailing = row
    return True


def _is_stale(seen_at: datetime | None) -> bool:
    """A clock that was set back must not keep a dead runner alive."""
    return seen_at is None or abs(timezone.now() - seen_at) > timedelta(seconds=settings.MAIL_LEASE_SECONDS)


def _due_batch(runner: Runner) -> list[Delivery]:
    """Deliveries that may go now, those of domains that had their share this minute left out."""
    now = timezone.now()
    longest = timedelta(minutes=max(settings.MAIL_LATER_MINUTES))
    ripe = Q(next_try_at=None) | Q(next_try_at__lte=now) | Q(next_try_at__gt=now + longest)
    waiting = runner.mailing.deliveries.in_state(DeliveryState.QUEUED).filter(ripe)
    used = _used_in_last_minute(now)
    full = [domain for domain, count in used.items() if count >= settings.MAIL_PER_DOMAIN_MINUTE]
    rows = waiting.exclude(domain__in=full).select_related("subscriber", "colleague").order_by("pk")
    chosen = []
    for row in rows.prefetch_related("edition")[:BATCH]:  # read once, not with every row
        if used[row.domain] < settings.MAIL_PER_DOMAIN_MINUTE:
            used[row.domain] += 1
            row.mailing = runner.mailing
            chosen.append(row)
    return chosen


def _used_in_last_minute(now: datetime) -> Counter[str]:
    recent = Delivery.objects.filter(claimed_at__gt=now - MINUTE, claimed_at__lte=now)
    return Counter(dict(recent.order_by().values_list("domain").annotate(count=Count("pk"))))


def _send_batch(runner: Runner, batch: list[Delivery]) -> bool:
    """False when the mailing is no longer ours to send."""
    addresses = addresses_for(batch)
    if not _still_ours(runner):
        return False
    return all(_send_one(runner, row, addresses.get(row.pk)) for row in batch)


def _send_one(runner: Runner, row: Delivery, address: Address | None) -> bool:
    """False when the mailing is no longer ours to send."""
    runner.between()
    if time.monotonic() - runner.renewed > settings.MAIL_LEASE_SECONDS / 4 and not _still_ours(runner):
        return False
    if address and _claim(runner, row):
        return _carry(runner, row, address)
    if not _still_ours(runner):
        return False
    if address is None and row.subscriber and row.subscriber.state == SubscriberState.ACTIVE:
        _fail(row, _("地址打不开"))
    else:
        _leave_out(row)
    return True


def _still_ours(runner: Runner) -> bool:
    """Renew the lease; False when the mailing was paused, or another took it. What troubled it before is over."""
    ours = Mailing.objects.filter(pk=runner.mailing.pk, runner=runner.name, state=MailingState.SENDING)
    runner.renewed = time.monotonic()
    return bool(ours.update(runner_seen_at=timezone.now(), trouble=""))


def _claim(runner: Runner, row: Delivery) -> bool:
    """Nobody else sends this one from now on. False when it is not to be sent: taken, paused, or the reader left."""
    ours = Mailing.objects.filter(pk=OuterRef("mailing_id"), runner=runner.name, state=MailingState.SENDING)
    reads = Subscriber.objects.filter(pk=OuterRef("subscriber_id"), state=SubscriberState.ACTIVE)
    works = User.objects.filter(pk=OuterRef("colleague_id"), is_active=True)
    row.claim = uuid4()
    free = Delivery.objects.filter(Exists(ours), Exists(reads) | Exists(works), pk=row.pk, state=DeliveryState.QUEUED)
    return bool(
        free.update(state=DeliveryState.CLAIMED, claim=row.claim, claimed_at=timezone.now(), attempts=F("attempts") + 1)
    )


def _leave_out(row: Delivery) -> None:
    Delivery.objects.filter(pk=row.pk, state=DeliveryState.QUEUED).update(
        state=DeliveryState.LEFT_OUT, settled_at=timezone.now()
    )


def _fail(row: Delivery, why: str) -> None:
    Delivery.objects.filter(pk=row.pk, state=DeliveryState.QUEUED).update(
        state=DeliveryState.FAILED, answer=why, settled_at=timezone.now()
    )


def _carry(runner: Runner, row: Delivery, address: Address) -> bool:
    """Send a claimed delivery and write down how it ended. False when the whole mailing has to stop."""
    sender = envelope_sender(row.key)
    try:
        answer = runner.carrier.send(message_for(row, address), sender=sender, recipient=address.spec)
    except Unreachable:
        _give_back(row)
        raise
    runner.round.ends[answer.end] += 1
    runner.refusals = runner.refusals + 1 if answer.end == End.REFUSED else 0
    if answer.end == End.STOP:
        _give_back(row)
        _pause(runner, _("邮件服务器不接受我们发信：%(answer)s") % {"answer": answer.words})
        return False
    _settle(row, answer)
    if runner.refusals >= TOO_MANY_REFUSALS:
        _pause(runner, _("接连 %(n)d 封被拒收，已暂停：%(answer)s") % {"n": runner.refusals, "answer": answer.words})
        return False
    return True


def _settle(row: Delivery, answer: Answer) -> None:
    """By the claim: a runner that was slow, and was taken for dead, still brings the answer that it saw."""
    claimed = Delivery.objects.filter(
        pk=row.pk, claim=row.claim, state__in=[DeliveryState.CLAIMED, DeliveryState.UNKNOWN]
    )
    now = timezone.now()
    if answer.end in (End.LATER, End.UNBEGUN) and row.attempts < len(settings.MAIL_LATER_MINUTES):
        again = now + timedelta(minutes=settings.MAIL_LATER_MINUTES[row.attempts])
        claimed.update(state=DeliveryState.QUEUED, claim=None, answer=answer.words, next_try_at=again)
        return
    state = {End.SENT: DeliveryState.SENT, End.UNHEARD: DeliveryState.UNKNOWN}.get(answer.end, DeliveryState.FAILED)
    claimed.update(state=state, answer=answer.words, settled_at=now)
    if answer.end == End.REFUSED and (gone := NO_SUCH_MAILBOX.search(answer.words)):
        note_bounce(Bounce(row.key, BounceKind.HARD, gone.group()))


def _give_back(row: Delivery) -> None:
    """Nothing was sent, and it was not this recipient's fault."""
    Delivery.objects.filter(pk=row.pk, claim=row.claim, state=DeliveryState.CLAIMED).update(
        state=DeliveryState.QUEUED, claim=None, claimed_at=None, attempts=F("attempts") - 1
    )


def _pause(runner: Runner, why: str) -> None:
    Mailing.objects.filter(pk=runner.mailing.pk, state=MailingState.SENDING).update(state=MailingState.PAUSED)
    _note_trouble(runner, why)


def _note_trouble(runner: Runner, why: str) -> None:
    logger.warning("mailing %s: %s", runner.mailing.pk, why)
    Mailing.objects.filter(pk=runner.mailing.pk).update(trouble=why[:300])


def _finish_or_wait(runner: Runner) -> None:
    """No delivery may go now: either all are settled, or some wait for a later try or their domain's next minute."""
    with transaction.atomic():
        row = Mailing.objects.select_for_update(of=("self",)).get(pk=runner.mailing.pk)
        queued = row.deliveries.in_state(DeliveryState.QUEUED)
        if queued.exists():
            first = queued.exclude(next_try_at=None).order_by("next_try_at").first()
            runner.round.rest = _until(first, throttled=queued.filter(next_try_at=None).exists())
            return
        if row.state == MailingState.SENDING and row.runner == runner.name:
            row.state, row.finished_at, row.trouble = MailingState.DONE, timezone.now(), ""
            row.save(update_fields=["state", "finished_at", "trouble"])


def _until(first: Delivery | None, *, throttled: bool) -> timedelta:
    """Short where a domain's next minute is all that is waited for."""
    short = timedelta(seconds=2)
    if throttled or first is None or first.next_try_at is None:
        return short
    return max(min(first.next_try_at - timezone.now(), MINUTE), short)


def send_due(carrier: Carrier, between: Callable[[], object] = lambda: None) -> Iterator[tuple[Mailing, Round]]:
    """Every mailing whose time has come, one after the other."""
    for mailing in Mailing.objects.due().order_by("pk"):
        yield mailing, send_mailing(mailing, carrier, between)
