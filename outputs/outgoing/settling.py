"""What a person says of a mail that failed, or whose end nobody knows; and the erasing of what was settled long ago."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from estates.models import User
from outputs.models import OutgoingMail, OutgoingState
from outputs.outgoing.envelopes import SealedMail, unpacked
from vault.data_keys import KeyDestroyed, KeyUnknown, destroy_many
from vault.fingerprints import KeysUnusable
from vault.sealing import Tampered, unseal

ERASED_AFTER = timedelta(days=14)
"""A mail that failed can be sent again for so long; then what it said is erased."""

FORGOTTEN_AFTER = timedelta(days=60)


def opened_or_none(row: OutgoingMail) -> SealedMail | None:
    if not row.sealed:
        return None
    try:
        return unpacked(unseal(row.subject, row.spot, bytes(row.sealed)))
    except (KeyDestroyed, KeyUnknown, Tampered, KeysUnusable):
        return None


@transaction.atomic
def send_again(*, mail: OutgoingMail, by: User) -> None:
    """A mail that failed, or of which nobody knows, goes into the queue afresh. Raises PermissionDenied."""
    _refuse_others(by)
    now = timezone.now()
    OutgoingMail.objects.stuck().filter(pk=mail.pk).exclude(sealed=b"").update(
        state=OutgoingState.QUEUED, claim=None, attempts=0, queued_at=now, next_try_at=now, settled_at=None
    )


@transaction.atomic
def drop_mail(*, mail: OutgoingMail, by: User) -> None:
    """It is not sent any more, and what it said is erased. Raises PermissionDenied."""
    _refuse_others(by)
    OutgoingMail.objects.stuck().filter(pk=mail.pk).update(state=OutgoingState.DROPPED, sealed=b"")


def _refuse_others(by: User) -> None:
    if not by.is_superuser:
        raise PermissionDenied(_("邮件和任务由系统管理员查看。"))


def erase_old_mail(now: datetime | None = None) -> int:
    """For the daily tick: bodies of what was settled long ago, the keys of those days, and rows older still. Returns
    how many were erased or forgotten."""
    moment = now or timezone.now()
    old = OutgoingMail.objects.filter(settled_at__lt=moment - ERASED_AFTER)
    erased = old.exclude(sealed=b"").update(sealed=b"")
    subjects = set(old.filter(subject__startswith="outgoing-").values_list("subject", flat=True))
    waiting = set(OutgoingMail.objects.exclude(sealed=b"").values_list("subject", flat=True))
    today = f"outgoing-{timezone.localdate(moment):%Y-%m-%d}"
    if gone := subjects - waiting - {today}:
        destroy_many(gone)
    forgotten, _kinds = old.filter(settled_at__lt=moment - FORGOTTEN_AFTER).delete()
    return erased + forgotten
