"""What every request that comes in has in common: from where, on which day, and its number in the dossier."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from archives.services.errors import DossierError
from archives.vocabulary import Channel

if TYPE_CHECKING:
    from django.db.models import Manager

    from archives.models import ChangeRequest, PersonRequest


def refuse_unreceived(channel: str, received_on: date) -> None:
    """Raises DossierError for what came from nowhere, or has not come yet."""
    if channel not in Channel.values:
        raise DossierError(_("请选择从哪里来。"))
    if received_on > timezone.localdate():
        raise DossierError(_("收到日期不能在今天之后。"))


def next_number(rows: Manager[ChangeRequest] | Manager[PersonRequest]) -> int:
    """Called in a transaction that holds the dossier."""
    last: int = rows.aggregate(last=Max("number"))["last"] or 0
    return last + 1
