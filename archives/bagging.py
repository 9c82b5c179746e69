"""A dossier as a bag says it: a contents list, an event log, and all of it again for a machine, with the documents."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from archives.bag_description import FORMAT
from archives.models import DossierDocument, DossierStep
from archives.models.history import notes_of
from archives.profiles import all_versions
from archives.vocabulary import SENSITIVITY_OF_DOCUMENTS, Step
from estates.models import NumberEntry
from exchange.spreadsheets import guarded

if TYPE_CHECKING:
    from archives.models import DossierPage

DESCRIPTION, CONTENTS, EVENTS, DOCUMENTS = "dossier.json", "contents.csv", "events.csv", "documents/"
FACTS = (
    "number",
    "need",
    "channel",
    "shelf_mark",
    "confirmed_profile",
    "verified_profile",
    "retention_term",
    "retention_trigger",
)
DAYS = ("opened_on", "closed_on", "handover_on", "deed_on")


def described(dossier: DossierPage, documents: Mapping[int, bytes]) -> dict[str, bytes]:
    """The bag's payload, the plain documents given by their ids. Raises what `vault.sealing.unseal` raises."""
    rows = list(dossier.documents.select_related("added_by").order_by("kind", "title", "version"))
    paths = {row.pk: f"{DOCUMENTS}{row.kind}-{row.title}-v{row.version}.{row.extension}" for row in rows}
    names = notes_of(rows, dossier.customer.subject)
    steps = list(dossier.steps.select_related("by").order_by("at", "pk"))
    told = {
        "format": FORMAT,
        **{name: getattr(dossier, name) for name in FACTS},
        **_place(dossier),
        "versions": _versions(dossier),
        "documents": [_document(row, paths[row.pk], names.get(row.row, ""), documents[row.pk]) for row in rows],
        "contacts": _contacts(dossier),
        "steps": _steps(dossier, steps),
    }
    return {
        DESCRIPTION: json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode(),
        CONTENTS: _table(_contents(dossier, rows, names)),
        EVENTS: _table(_events(steps)),
        **{paths[row.pk]: documents[row.pk] for row in rows},
    }


def _place(dossier: DossierPage) -> dict[str, Any]:
    entry = NumberEntry.objects.filter(number=dossier.number).first()
    tenure = dossier.tenure
    return {
        "estate": dossier.estate.code,
        "unit": dossier.unit.code,
        "record_date": dossier.record_date.isoformat(),
        "filed_at": dossier.filed_at.isoformat() if dossier.filed_at else None,
        "template": dossier.template.number if dossier.template else None,
        "customer_kind": dossier.customer.kind,
        "series": [entry.scope, entry.sequence] if entry else None,
        "tenure": {
            "kind": tenure.kind,
            **{name: day.isoformat() if (day := getattr(tenure, name)) else None for name in DAYS},
        }
        if tenure
        else None,
    }


def _versions(dossier: DossierPage) -> list[dict[str, Any]]:
    profiles = all_versions(dossier.customer)
    rows = dossier.customer.profiles.select_related("made_by").order_by("number")
    return [
        {
            "number": row.number,
            "changed": row.changed,
            "made_at": row.made_at.isoformat(),
            "made_by": row.said_by or (row.made_by.username if row.made_by else ""),
            "values": profiles[row.number],
        }
        for row in rows
    ]


def _document(row: DossierDocument, path: str, name: str, content: bytes) -> dict[str, Any]:
    return {
        "path": path,
        "kind": row.kind,
        "title": row.title,
        "version": row.version,
        "extension": row.extension,
        "pages": row.pages,
        "has_paper": row.has_paper,
        "name": name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "added_at": row.added_at.isoformat(),
        "added_by": row.said_by or row.added_by.username,
    }


def _contacts(dossier: DossierPage) -> list[dict[str, Any]]:
    rows = list(dossier.contacts.select_related("by").order_by("on", "pk"))
    notes = notes_of(rows, dossier.customer.subject)
    return [
        {
            "on": row.on.isoformat(),
            "channel": row.channel,
            "by": row.said_by or row.by.username,
            "at": row.at.isoformat(),
            "text": notes.get(row.row, ""),
        }
        for row in rows
    ]


def _steps(dossier: DossierPage, steps: Sequence[DossierStep]) -> list[dict[str, Any]]:
    notes = notes_of(steps, dossier.customer.subject)
    return [
        {
            "step": row.step,
            "gate": row.gate,
            "detail": row.detail,
            "at": row.at.isoformat(),
            "by": row.said_by or (row.by.username if row.by else ""),
            "text": notes.get(row.row, ""),
        }
        for row in steps
    ]


def _contents(
    dossier: DossierPage, rows: Sequence[DossierDocument], names: Mapping[str, str]
) -> Iterable[Sequence[object]]:
    yield (_("序号"), _("档号"), _("题名"), _("责任者"), _("日期"), _("密级"), _("页数"), _("备注"))
    for place, row in enumerate(rows, 1):
        level = SENSITIVITY_OF_DOCUMENTS[row.kind]
        paper = _("有纸质原件") if row.has_paper else _("无纸质原件")
        version = _("第 %(n)d 版") % {"n": row.version}
        day = date_format(localtime(row.added_at), "Y-m-d")
        remark = " ".join(filter(None, [paper, names.get(row.row, "")]))
        yield (place, dossier.key, f"{row} {version}", row.brought_by, day, level.label, row.pages or "", remark)


def _events(steps: Sequence[DossierStep]) -> Iterable[Sequence[object]]:
    yield (_("时间"), _("步骤"), _("经办人"))
    for row in steps:
        yield (date_format(localtime(row.at), "Y-m-d H:i"), Step(row.step).label, row.done_by)


def _table(rows: Iterable[Sequence[object]]) -> bytes:
    """CSV as spreadsheet programs open it; nothing in it runs as a formula."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[guarded(str(cell)) for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
