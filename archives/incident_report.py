"""Whose data an incident touched, exactly as the access register has it; and the letters that tell them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from archives.access_report import dossiers_named
from archives.impersonal import without_others
from archives.models import DossierPage, Incident
from archives.profiles import latest_profiles
from archives.vocabulary import ADDRESS, GONE_STATES, NAME
from exchange.printing import printable, typeset
from vault.models import AccessEntry
from vault.models.access import Act

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from estates.access import Reach

TEMPLATE = Path(__file__).parent / "printing" / "letters.typ"
READ = (Act.VIEWED, Act.REVEALED, Act.SEARCHED, Act.DOWNLOADED, Act.PRINTED, Act.EXPORTED, Act.LENT)
IN_CLEAR = frozenset({Act.REVEALED, Act.DOWNLOADED, Act.PRINTED, Act.EXPORTED, Act.LENT})


@dataclass(frozen=True, slots=True)
class Touched:
    """A dossier read in the incident: how often, how, when last; `in_clear` when more than a mask was shown."""

    dossier: DossierPage
    lines: int
    acts: Sequence[str]
    last: datetime

    @property
    def in_clear(self) -> bool:
        return bool(IN_CLEAR & set(self.acts))

    @property
    def act_words(self) -> list[str]:
        return [str(Act(act).label) for act in self.acts]


def entries_of(incident: Incident) -> QuerySet[AccessEntry]:
    """The lines of the register between the two moments, of the one account or of all."""
    lines = AccessEntry.objects.filter(at__gte=incident.since, at__lte=incident.until, act__in=READ)
    return lines.filter(who=incident.account) if incident.account_id else lines


def touched_by(incident: Incident, reach: Reach) -> list[Touched]:
    """Every dossier of the estates within reach that the lines name, those read in the clear first."""
    lines = list(entries_of(incident).exclude(record="").order_by("sequence"))
    named = dossiers_named(lines)
    grouped: dict[int, list[AccessEntry]] = {}
    rows: dict[int, DossierPage] = {}
    for line in lines:
        dossier = named.get(line.record)
        if dossier is not None and reach.covers(dossier.estate_id):
            rows[dossier.pk] = dossier
            grouped.setdefault(dossier.pk, []).append(line)
    found = [
        Touched(rows[pk], len(group), sorted({line.act for line in group}), group[-1].at)
        for pk, group in grouped.items()
    ]
    return sorted(found, key=lambda one: (not one.in_clear, one.dossier.key))


def sheets_touched(incident: Incident) -> int:
    """How many sheets of imported rows went out in the incident: they name people who may have no dossier."""
    return entries_of(incident).filter(subject__startswith="import-").count()


def letters(incident: Incident, dossiers: Sequence[DossierPage]) -> bytes:
    """A PDF with a page for each customer: what happened, what was seen, what we do, whom to ask. Raises what
    `vault.sealing` raises."""
    profiles = latest_profiles([one.customer for one in dossiers if one.state not in GONE_STATES])
    told = [_letter(incident, one, profiles.get(one.customer_id, {})) for one in dossiers]
    return typeset(
        TEMPLATE,
        {
            "title": _("个人信息安全事件告知书"),
            "letters": told,
            "day": date_format(timezone.localdate(), "Y-m-d"),
        },
        {},
    )


def _letter(incident: Incident, dossier: DossierPage, profile: dict[str, str | list[str]]) -> dict[str, object]:
    since, until = (date_format(localtime(moment), "Y-m-d H:i") for moment in (incident.since, incident.until))
    paragraphs = [
        _("%(since)s 至 %(until)s 之间发生了一起个人信息安全事件：%(what)s")
        % {"since": since, "until": until, "what": without_others(incident.what, dossier.customer)},
        _("登记册显示，您在本公司的客户档案在此期间被查阅，涉及您登记的姓名、联系方式等信息。"),
        _("我们已采取的措施：%(measures)s")
        % {"measures": without_others(incident.measures, dossier.customer) or _("停用相关账号，核查全部记录。")},
        _("建议您留意陌生来电和短信，不要向自称本公司的人提供验证码或转账。您可以向客户服务部查询、更正或投诉。"),
    ]
    return {
        "name": printable(str(profile.get(NAME, ""))).text,
        "address": printable(str(profile.get(ADDRESS, ""))).text,
        "number": dossier.key,
        "paragraphs": [printable(text).text for text in paragraphs],
    }
