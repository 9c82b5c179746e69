"""Queued mail is claimed before it is sent and ends as sent, failed or unknown; what breaks off before the first byte
of the message goes back into the queue. Several processes may send: one has each mail."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from outputs.carriers import Answer, Carrier, End, Unreachable
from outputs.models import OutgoingMail, OutgoingState
from outputs.outgoing.envelopes import SealedMail, unpacked
from vault.data_keys import KeyDestroyed, KeyUnknown
from vault.fingerprints import KeysUnusable
from vault.sealing import Tampered, unseal

AT_A_TURN = 20
"""So many single mails go between two of a mailing: neither starves the other."""

logger = logging.getLogger(__name__)


@dataclass
class Turn:
    """What one turn did. `is_more`: something is still queued, due now or later. `is_held_up`: the server cannot be
    reached, or takes nothing from us."""

    ends: Counter[str] = field(default_factory=Counter)
    is_more: bool = False
    is_held_up: bool = False


def send_outgoing(carrier: Carrier, *, most: int = AT_A_TURN) -> Turn:
    """Send up to `most` of the mails that are due. A server that cannot be reached costs none of them an attempt."""
    _take_over_from_the_dead()
    turn = Turn()
    for row in OutgoingMail.objects.due().order_by("next_try_at", "pk")[:most]:
        try:
            turn.is_held_up = not _send_one(row, carrier, turn)
        except (Unreachable, KeysUnusable) as error:
            _put_off(row, _("暂时发不出：%(why)s") % {"why": error})
            turn.is_held_up = True
        if turn.is_held_up:
            break
    turn.is_more = OutgoingMail.objects.filter(state=OutgoingState.QUEUED).exists()
    return turn


def _take_over_from_the_dead() -> None:
    """Claimed, and no sign since: before the first byte it may be sent again, after it nobody knows."""
    long_ago = timezone.now() - timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    ahead = timezone.now() + timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    left = OutgoingMail.objects.filter(Q(claimed_at__lt=long_ago) | Q(claimed_at__gt=ahead))
    left.filter(state=OutgoingState.CLAIMED).update(state=OutgoingState.QUEUED, claim=None)
    left.filter(state=OutgoingState.ON_THE_WIRE).update(state=OutgoingState.UNKNOWN, settled_at=timezone.now())


def _send_one(row: OutgoingMail, carrier: Carrier, turn: Turn) -> bool:
    """False when the server does not take mail from us now."""
    if not _claim(row):
        return True
    sealed = _opened(row)
    if sealed is None:
        return True
    try:
        answer = carrier.send(
            sealed.message, sender=sealed.sender, recipient=sealed.recipient, may_begin=lambda: _begin(row)
        )
    except ValueError as error:  # an address or a header that no server can be told
        answer = Answer(End.REFUSED, type(error).__name__)
    turn.ends[answer.end] += 1
    if answer.end == End.STOP:
        _put_off(row, _("邮件服务器不接受我们发信：%(answer)s") % {"answer": answer.words})
        return False
    _settle(row, answer)
    return True


def _claim(row: OutgoingMail) -> bool:
    """Nobody else sends it from now on. A colleague who left gets nothing more."""
    row.claim = uuid4()
    free = OutgoingMail.objects.filter(pk=row.pk, state=OutgoingState.QUEUED)
    free.filter(user__is_active=False).update(
        state=OutgoingState.DROPPED, sealed=b"", settled_at=timezone.now(), answer=_("账号已停用")
    )
    values = {"state": OutgoingState.CLAIMED, "claim": row.claim, "claimed_at": timezone.now()}
    return bool(free.update(**values, attempts=F("attempts") + 1))


def _opened(row: OutgoingMail) -> SealedMail | None:
    """None, and settled, where it can never be opened. Raises KeysUnusable."""
    try:
        return unpacked(unseal(row.subject, row.spot, bytes(row.sealed)))
    except KeyDestroyed:  # the recipient was erased meanwhile
        _set(row, state=OutgoingState.DROPPED, sealed=b"", settled_at=timezone.now())
    except (Tampered, KeyUnknown) as error:
        logger.warning("outgoing mail %s cannot be opened: %s", row.pk, type(error).__name__)
        _set(row, state=OutgoingState.FAILED, answer=_("邮件内容打不开"), settled_at=timezone.now())
    return None


def _begin(row: OutgoingMail) -> bool:
    """The first byte follows. False when this process was taken for dead and another has the mail."""
    mine = OutgoingMail.objects.filter(pk=row.pk, claim=row.claim, state=OutgoingState.CLAIMED)
    return bool(mine.update(state=OutgoingState.ON_THE_WIRE, claimed_at=timezone.now()))


def _settle(row: OutgoingMail, answer: Answer) -> None:
    now = timezone.now()
    if answer.end == End.SENT:
        _set(row, state=OutgoingState.SENT, sealed=b"", answer=answer.words, settled_at=now)
    elif answer.end == End.UNHEARD:
        _set(row, state=OutgoingState.UNKNOWN, answer=answer.words, settled_at=now)
    elif answer.end == End.REFUSED or _is_too_old(row) or row.attempts >= len(settings.MAIL_LATER_MINUTES):
        logger.warning("outgoing mail %s failed: %s", row.pk, answer.words)
        _set(row, state=OutgoingState.FAILED, answer=answer.words, settled_at=now)
    else:
        again = now + timedelta(minutes=settings.MAIL_LATER_MINUTES[row.attempts])
        _set(row, state=OutgoingState.QUEUED, claim=None, answer=answer.words, next_try_at=again)


def _put_off(row: OutgoingMail, why: str) -> None:
    """Not this mail's fault: no attempt was spent, but it does not wait for ever."""
    logger.warning("outgoing mail waits: %s", why)
    if _is_too_old(row):
        _set(row, state=OutgoingState.FAILED, answer=why[:200], settled_at=timezone.now())
        return
    again = timezone.now() + timedelta(seconds=settings.MAIL_RETRY_SECONDS)
    waits = {"state": OutgoingState.QUEUED, "claim": None, "answer": why[:200], "next_try_at": again}
    mine = OutgoingMail.objects.filter(pk=row.pk, claim=row.claim, state=OutgoingState.CLAIMED)
    mine.update(**waits, attempts=F("attempts") - 1)


def _is_too_old(row: OutgoingMail) -> bool:
    return timezone.now() - row.queued_at > timedelta(hours=settings.MAIL_GIVE_UP_HOURS)


def _set(row: OutgoingMail, **values: object) -> None:
    """By the claim: whoever was slow, and was taken for dead, still brings the answer that he saw."""
    claimed: Mapping[str, list[OutgoingState]] = {
        "state__in": [OutgoingState.CLAIMED, OutgoingState.ON_THE_WIRE, OutgoingState.UNKNOWN]
    }
    OutgoingMail.objects.filter(pk=row.pk, claim=row.claim, **claimed).update(**values)
