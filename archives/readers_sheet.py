"""*Who looked at my file*: what the customer may be given on paper. It names the customer masked, staff by role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from archives.access_report import entries_about
from archives.impersonal import purpose_for_customer, staff_words_of
from archives.profiles import latest_profile, masked
from archives.sheets import Sheet, printed_sheet
from vault.models.access import Act

if TYPE_CHECKING:
    from archives.models import DossierPage


def readers_sheet(dossier: DossierPage) -> bytes:
    """A PDF of every line about the dossier, the newest first."""
    who = masked(latest_profile(dossier.customer), dossier.customer.kind)
    entries = list(entries_about(dossier).order_by("-sequence"))
    staff = staff_words_of({entry.who_id for entry in entries if entry.who_id})
    rows = [
        [
            date_format(localtime(entry.at), "Y-m-d H:i"),
            staff[entry.who_id] if entry.who_id else _("系统"),
            str(Act(entry.act).label),
            purpose_for_customer(entry),
        ]
        for entry in entries
    ]
    about = f"{dossier.place_words} · {who.name} {who.mobile} · {dossier.number or _('未归档')}"
    return printed_sheet(
        Sheet(
            title=_("谁看过我的档案"),
            number=dossier.key,
            about=about,
            columns=[_("时间"), _("查阅人"), _("行为"), _("目的或方式")],
            rows=rows,
            empty=_("还没有人看过这份档案。"),
            note=_("本表由查阅登记册自动生成；登记册的每一行都有防篡改的签名。"),
        )
    )
