"""A dossier leaves as a bag: a right of its own, for a reason, marked with who took it, and never more than a cap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from archives import policies
from archives.bagging import described
from archives.models import DossierPage
from archives.profiles import latest_profile
from archives.register import Reader, data_part, note
from archives.services.documents import plain_document
from archives.services.errors import DossierError
from archives.services.restricting import refuse_restricted
from archives.services.wording import purpose_words
from archives.vocabulary import State
from exchange.bags import MOST_BYTES, Bag, written_bag
from vault.models.access import Act

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from archives.models import DossierDocument

MOST_DOCUMENTS = 500


@transaction.atomic
def export_dossier(*, reader: Reader, dossier: DossierPage, purpose: str) -> bytes:
    """The filed dossier as a BagIt bag in a ZIP, everything in the clear. A line of the register, with the reason.

    Raises PermissionDenied, DossierError without a usable reason or for more than the cap, and what `vault.sealing`
    raises.
    """
    held = DossierPage.objects.held(dossier.pk)
    if not policies.may_export_dossier(reader.user, held):
        raise PermissionDenied
    refuse_restricted(held)
    if held.state != State.FILED:
        raise DossierError(_("归档以后才能导出。"))
    why = purpose_words(purpose, latest_profile(held.customer))
    _refuse_too_much(held.documents.all())
    rows = list(held.documents.select_related("dossier__customer"))
    payload = described(held, {row.pk: plain_document(row) for row in rows})
    parts = " ".join([data_part(held), *sorted(row.part for row in rows)])
    note(reader, Act.EXPORTED, held, purpose=why, count=len(payload), part=parts)
    return written_bag(str(held.number), Bag(payload, _info(reader, held, why)))


def _refuse_too_much(rows: QuerySet[DossierDocument]) -> None:
    count, size = rows.count(), sum(rows.values_list("size", flat=True))
    if count > MOST_DOCUMENTS or size > MOST_BYTES:
        named = {"n": MOST_DOCUMENTS, "size": MOST_BYTES // 1_000_000}
        raise DossierError(_("文件太多或太大（上限 %(n)d 份、%(size)d MB），请联系系统管理员从备份导出。") % named)


def _info(reader: Reader, held: DossierPage, why: str) -> dict[str, str]:
    """The mark that stays with the bag: who took it, when, what for."""
    when = date_format(timezone.localtime(), "Y-m-d H:i")
    named = {"who": reader.user, "when": when, "why": why}
    return {
        "Bagging-Date": timezone.localdate().isoformat(),
        "External-Identifier": str(held.number),
        "External-Description": held.place_words,
        "Contact-Name": str(reader.user),
        "Internal-Sender-Description": _("%(who)s 于 %(when)s 导出，用于：%(why)s。含个人信息，不得转交。") % named,
    }
