"""What a person decides about deliveries after the postman: those whose end is unknown, and those that failed."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from estates.models import User
from magazine import policies
from magazine.models import Mailing
from magazine.services.errors import MagazineError
from magazine.vocabulary import BounceKind, Choice, DeliveryState, MailingState

SETTLED = (MailingState.DONE, MailingState.PAUSED)


@transaction.atomic
def settle_unknown(*, mailing: Mailing, choice: Choice, by: User, ids: Collection[int] | None = None) -> int:
    """Say of deliveries whose answer nobody saw that they count as sent, or that they are sent once more: some reader
    may then get two. Of the given ids, or all; returns how many.

    Raises PermissionDenied, and MagazineError while the postman is at it.
    """
    row = _held(mailing, by)
    unknown = row.deliveries.in_state(DeliveryState.UNKNOWN)
    if ids is not None:
        unknown = unknown.filter(pk__in=ids)
    if choice == Choice.COUNT_AS_SENT:
        count = unknown.update(state=DeliveryState.SENT, claim=None)
    else:
        count = unknown.update(**_AGAIN)
        _begin_again(row, count)
    _log(row, "magazine.unknown_settled", by, {"choice": choice.value, "count": count})
    return count


@transaction.atomic
def resend_failures(*, mailing: Mailing, by: User) -> int:
    """Try again those that failed, but for addresses that bounced for good; returns how many. Nobody else gets it.

    Raises PermissionDenied, and MagazineError while the postman is at it.
    """
    row = _held(mailing, by)
    failed = row.deliveries.in_state(DeliveryState.FAILED).exclude(bounced=BounceKind.HARD)
    count = failed.update(**_AGAIN)
    _begin_again(row, count)
    _log(row, "magazine.failures_resent", by, {"count": count})
    return count


_AGAIN = {"state": DeliveryState.QUEUED, "claim": None, "attempts": 0, "next_try_at": None, "settled_at": None}


def _held(mailing: Mailing, by: User) -> Mailing:
    row = Mailing.objects.select_for_update(of=("self",)).get(pk=mailing.pk)
    if not policies.may_make_issues(by):
        raise PermissionDenied
    if row.state not in SETTLED:
        raise MagazineError(_("请等发送结束，或先暂停。"))
    return row


def _begin_again(row: Mailing, count: int) -> None:
    if count:
        row.state, row.finished_at, row.trouble = MailingState.SENDING, None, ""
        row.save(update_fields=["state", "finished_at", "trouble"])


def _log(mailing: Mailing, action: str, by: User, data: dict[str, object]) -> None:
    if mailing.issue:
        log(instance=mailing.issue, action=action, user=by, data={"mailing": mailing.pk, **data})
