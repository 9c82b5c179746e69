"""A leak handled: opened, those it touched told, staff trained, closed; each with who and when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archives import policies
from archives.incident_report import Touched, touched_by
from archives.items import tidy
from archives.models import Incident, Letter
from archives.register import Reader, access_to
from archives.services.errors import DossierError
from archives.services.wording import fitting
from archives.vocabulary import ItemKind
from vault.models.access import Act
from vault.personal_data import find_personal_data
from vault.register import note_accesses

if TYPE_CHECKING:
    from estates.models import User

LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of the incident when it is opened."""

    what: str
    since: datetime
    until: datetime
    account: User | None = None
    measures: str = ""


def open_incident(*, by: User, report: Report) -> Incident:
    """Raises PermissionDenied; DossierError for words that name people, or a time that ends before it begins."""
    if not policies.may_handle_incidents(by):
        raise PermissionDenied
    if not report.since < report.until:
        raise DossierError(_("结束时间要在开始之后。"))
    return Incident.objects.create(
        what=impersonal_words(report.what),
        measures=impersonal_words(report.measures, required=False),
        since=report.since,
        until=report.until,
        account=report.account,
        opened_by=by,
    )


def impersonal_words(text: str, *, required: bool = True) -> str:
    """Words that stay in the clear for good. Raises DossierError when they are missing or hold personal data."""
    plain = fitting(tidy(text, ItemKind.LONG), text, LONGEST_WORDS)
    if required and not plain:
        raise DossierError(_("请写明发生了什么。"))
    if find_personal_data(text):
        raise DossierError(_("事件说明会长期保存，请不要写姓名、电话或证件号码。"))
    return plain


@transaction.atomic
def draft_letters(*, reader: Reader, incident: Incident, wanted: Collection[int]) -> list[Touched]:
    """Note that letters are drafted for those of the touched who are `wanted`: each is a line of the register.

    Raises PermissionDenied, DossierError when none is.
    """
    row = _hold_open(reader.user, incident)
    touched = [one for one in touched_by(row, policies.may_handle_incidents(reader.user)) if one.dossier.pk in wanted]
    if not touched:
        raise DossierError(_("请选择要告知的客户。"))
    Letter.objects.bulk_create(
        [Letter(incident=row, dossier=one.dossier, drafted_by=reader.user) for one in touched], ignore_conflicts=True
    )
    note_accesses(reader.user, [access_to(one.dossier, Act.PRINTED, reader) for one in touched])
    return touched


@transaction.atomic
def close_incident(*, by: User, incident: Incident, trained_on: date | None, training: str) -> Incident:
    """Raises PermissionDenied; DossierError without the training, or while somebody touched was not written to."""
    row = _hold_open(by, incident)
    words = impersonal_words(training, required=False)
    if trained_on is None or trained_on > timezone.localdate() or not words:
        raise DossierError(_("请写明什么时候、对谁做了培训：同样的事不再发生。"))
    written = set(row.letters.values_list("dossier", flat=True))
    touched = touched_by(row, policies.may_handle_incidents(by))
    if count := sum(one.in_clear and one.dossier.pk not in written for one in touched):
        raise DossierError(_("还有 %(n)d 位被看到明文的客户没有起草告知书。") % {"n": count})
    row.trained_on, row.training, row.closed_at, row.closed_by = trained_on, words, timezone.now(), by
    row.save(update_fields=["trained_on", "training", "closed_at", "closed_by"])
    return row


def _hold_open(by: User, incident: Incident) -> Incident:
    if not policies.may_handle_incidents(by):
        raise PermissionDenied
    row = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
    if row.closed_at:
        raise DossierError(_("这起事件已经处理完了。"))
    return row
