"""What the customer gets when he asked for a change: which items, and what became of it; no value stands on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from archives.impersonal import staff_words, without_others
from archives.life_vocabulary import ChangeState
from archives.profiles import latest_profile, masked
from archives.sheets import Sheet, printed_sheet
from archives.template import known_items

if TYPE_CHECKING:
    from archives.models import ChangeRequest


def change_receipt(change: ChangeRequest) -> bytes:
    """A PDF for the customer. Raises what `vault.sealing.unseal` raises."""
    dossier, known = change.dossier, known_items()
    who = masked(latest_profile(dossier.customer), dossier.customer.kind)
    named = {"number": change.number, "day": change.received_on.isoformat(), "channel": change.get_channel_display()}
    rows = [[known[code].words if code in known else code, _outcome(change)] for code in change.codes]
    return printed_sheet(
        Sheet(
            title=_("客户信息变更回执"),
            number=dossier.key,
            about=f"{dossier.place_words} · {who.name} {who.mobile} · {dossier.number}\n"
            + _("第 %(number)d 次变更，%(day)s 收到（%(channel)s）") % named,
            columns=[_("变更的项目"), _("结果")],
            rows=rows,
            note=_note(change),
        )
    )


def _outcome(change: ChangeRequest) -> str:
    if not change.decided_at:
        return change.get_state_display()
    named = {"state": change.get_state_display(), "day": date_format(localtime(change.decided_at), "Y-m-d")}
    return _("%(state)s，%(day)s") % named


def _note(change: ChangeRequest) -> str:
    customer = change.dossier.customer
    told = [_("受理：%(who)s") % {"who": staff_words(change.asked_by)}]
    if change.decided_by:
        told.append(_("审批：%(who)s") % {"who": staff_words(change.decided_by)})
    if change.state == ChangeState.WEAK:
        told.append(_("请补充身份核验：证件号码、电话、房号至少两项相符。"))
    if change.state == ChangeState.REFUSED:
        told.append(_("原因：%(reason)s") % {"reason": without_others(change.note(customer.subject), customer)})
    return " · ".join(told)
