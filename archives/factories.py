"""Dossiers for samples and tests; people are plainly samples."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

from django.core.files.base import File
from django.utils import timezone

from archives.items import Value
from archives.models import DossierPage
from archives.register import Reader
from archives.seen import newest_documents
from archives.services.documents import add_document, open_document
from archives.services.entering import save_profile
from archives.services.revealing import reveal_profile
from archives.services.reviewing import confirm_by_customer, file_dossier, submit_dossier, verify_dossier
from archives.services.starting import Opening, start_dossier
from archives.vocabulary import Confirming, CustomerKind, DocumentKind, Need, Purpose
from estates.models import Unit, User
from media.factories import draw_sheets
from text.identity import CHECK_DIGITS, WEIGHTS

AREA = "999999"
"""No region has it: an ID number that nobody can hold."""


def sample_identity(seed: int) -> str:
    """An 18-digit number with a right check digit; another for each seed up to some ten thousand."""
    born = date(1960, 1, 1) + timedelta(seed % 1000 * 13 + seed // 1000)
    body = f"{AREA}{born:%Y%m%d}{seed % 1000:03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + CHECK_DIGITS[total % 11]


def sample_profile(name: str = "张三", seed: int = 1, **more: Value) -> dict[str, Value]:
    return {
        "name": name,
        "identity": sample_identity(seed),
        "mobile": f"1380000{seed:04}",
        "address": f"示例市示例路{seed}号示例花园{seed}室",
        **more,
    }


def open_dossier(editor: User, unit: Unit, **given: object) -> DossierPage:
    """A dossier without data."""
    fields = {"record_date": timezone.localdate(), "opened_on": timezone.localdate(), **given}
    is_resale = bool(fields.pop("is_resale", False))
    opening = Opening(estate=unit.estate, unit=unit, **fields)  # type: ignore[arg-type]
    return start_dossier(reader=Reader(editor), opening=opening, is_resale=is_resale)


def make_dossier(editor: User, unit: Unit, name: str = "张三", seed: int = 1, **given: object) -> DossierPage:
    """A dossier with a sample customer's data."""
    return enter(editor, open_dossier(editor, unit, **given), sample_profile(name, seed))


def enter(editor: User, dossier: DossierPage, profile: dict[str, Value]) -> DossierPage:
    save_profile(reader=Reader(editor), dossier=dossier, values=profile)
    dossier.refresh_from_db()
    return dossier


def attach(editor: User, dossier: DossierPage, kind: str, title: str = "示例文件") -> None:
    add_document(
        reader=Reader(editor),
        dossier=dossier,
        upload=File(BytesIO(draw_sheets(title)), "sample.pdf"),
        name=f"{title}.pdf",
        kind=kind,
    )


def complete(editor: User, dossier: DossierPage) -> DossierPage:
    """Everything that the enterer and the customer owe: documents and confirmation."""
    wanted = [DocumentKind.IDENTITY]
    if dossier.customer.kind == CustomerKind.INDIVIDUAL:
        wanted.append(DocumentKind.CONSENT)
    if dossier.need == Need.PURCHASE:
        wanted.append(DocumentKind.CONTRACT)
    for kind in wanted:
        attach(editor, dossier, kind)
    confirm_by_customer(reader=Reader(editor), dossier=dossier, how=Confirming.SIGNED, on=timezone.localdate())
    return DossierPage.objects.get(pk=dossier.pk)


def look_through(archivist: User, dossier: DossierPage) -> None:
    """Open everything that is to be verified, as an archivist does."""
    reader = Reader(archivist)
    reveal_profile(reader=reader, dossier=DossierPage.objects.get(pk=dossier.pk), purpose=Purpose.VERIFY)
    for document in newest_documents(dossier):
        open_document(reader=reader, document=document, purpose=Purpose.VERIFY).close()


def make_filed(
    editor: User, archivist: User, unit: Unit, name: str = "张三", seed: int = 1, **given: object
) -> DossierPage:
    """A filed dossier with a sample customer."""
    dossier = complete(editor, make_dossier(editor, unit, name, seed, **given))
    submit_dossier(reader=Reader(editor), dossier=dossier)
    look_through(archivist, dossier)
    verify_dossier(reader=Reader(archivist), dossier=dossier)
    return file_dossier(reader=Reader(archivist), dossier=dossier)
