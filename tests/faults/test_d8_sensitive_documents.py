"""A sensitive document opens for a purpose, and the register says which document it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archives.factories import attach, complete, make_dossier, make_filed
from archives.models import DossierDocument, DossierPage
from archives.register import Reader
from archives.services.lending import Wish, ask_loan, decide_loan
from archives.vocabulary import SENSITIVITY_OF_DOCUMENTS, DocumentKind
from estates.models import User
from tests.archives.conftest import Archive, archive
from tests.conftest import World
from vault.models import AccessEntry
from vault.register import verify_register

__all__ = ["archive"]
PDF = "application/pdf"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address_of(document: DossierDocument) -> str:
    return reverse("archives:document", args=[document.dossier.key, document.pk])


def lines(act: str = "downloaded") -> list[tuple[str, str]]:
    rows = AccessEntry.objects.filter(act=act).order_by("sequence")
    return [(row.part, row.purpose) for row in rows]


def dossier_of(world: World) -> DossierPage:
    return complete(world.editor, make_dossier(world.editor, world.unit))


def test_d8_the_scan_of_an_id_card_does_not_open_without_a_purpose(world: World) -> None:
    document = dossier_of(world).documents.get(kind="identity")
    client = signed_in(world.editor)
    answer = client.get(address_of(document))
    assert answer["Content-Type"].startswith("text/html")
    assert "为了什么" in answer.content.decode()
    assert not AccessEntry.objects.filter(act="downloaded").exists()


def test_d8_with_a_purpose_it_opens_and_the_register_names_it(world: World) -> None:
    document = dossier_of(world).documents.get(kind="identity")
    client = signed_in(world.editor)
    answer = client.post(address_of(document), {"purpose": "handover"}, follow=True)
    assert answer["Content-Type"] == PDF
    assert lines() == [("identity-1-v1", "handover")]
    assert verify_register().broken == ""
    again = client.get(address_of(document))
    assert (again["Content-Type"], lines()[1:]) == (PDF, [("identity-1-v1", "handover")])
    other = dossier_of_other(world).documents.get(kind="identity")
    assert client.get(address_of(other))["Content-Type"].startswith("text/html")


def dossier_of_other(world: World) -> DossierPage:
    second = make_dossier(world.editor, world.unit, "李四", 2, tenure="tenant", need="rent")
    return complete(world.editor, second)


@pytest.mark.parametrize("purpose", ["", "看张三的证件", "打 13800000001", "\u200b"])
def test_d8_no_purpose_or_one_that_names_somebody_opens_nothing(world: World, purpose: str) -> None:
    document = dossier_of(world).documents.get(kind="identity")
    answer = signed_in(world.editor).post(address_of(document), {"other": purpose, "purpose": ""}, follow=True)
    assert answer["Content-Type"].startswith("text/html")
    assert lines() == []


@pytest.mark.parametrize("kind", ["identity", "deed", "authority", "form", "change_form", "other"])
def test_d8_what_may_show_an_id_number_is_sensitive(world: World, kind: str) -> None:
    dossier = make_dossier(world.editor, world.unit)
    attach(world.editor, dossier, kind)
    answer = signed_in(world.editor).get(address_of(dossier.documents.get()))
    assert answer["Content-Type"].startswith("text/html")
    assert lines() == []


def test_d8_every_kind_has_a_class() -> None:
    assert set(SENSITIVITY_OF_DOCUMENTS) == set(DocumentKind)


def test_d8_a_contract_opens_at_once_and_is_named(world: World) -> None:
    document = dossier_of(world).documents.get(kind="contract")
    answer = signed_in(world.editor).get(address_of(document))
    assert (answer["Content-Type"], lines()) == (PDF, [("contract-1-v1", "")])


def test_d8_the_purpose_of_a_loan_is_the_purpose_of_reading(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    document = filed.documents.get(kind="identity")
    wish = Wish("electronic", "核对签名", timezone.localdate() + timedelta(3), [document.pk], world.engineer)
    loan = ask_loan(reader=Reader(world.editor), dossier=filed, wish=wish)
    decide_loan(reader=Reader(archive.archivist), loan=loan, grant=True)
    assert signed_in(world.engineer).get(address_of(document))["Content-Type"] == PDF
    assert lines()[-1] == ("identity-1-v1", "核对签名")
    lent = AccessEntry.objects.filter(act="lent").order_by("sequence")
    assert [row.part for row in lent] == ["identity-1-v1"]


def test_d8_a_bag_names_every_document_that_left(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    signed_in(archive.archivist).post(reverse("archives:bag", args=[filed.key]), {"purpose": "移交市档案馆"})
    parts = [part for part, _purpose in lines("exported")]
    assert parts == [f"v{filed.customer.latest} consent-1-v1 contract-1-v1 identity-1-v1"]


def test_d8_a_refused_reading_is_named_too(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    document = filed.documents.get(kind="identity")
    assert signed_in(archive.sales).get(address_of(document)).status_code == 403
    assert lines("refused")[-1] == ("identity-1-v1", "")


def test_d8_the_register_shows_the_document_in_words(world: World, archive: Archive) -> None:
    dossier = dossier_of(world)
    signed_in(world.editor).post(
        address_of(dossier.documents.get(kind="identity")), {"purpose": "handover"}, follow=True
    )
    page = signed_in(archive.auditor).get(reverse("archives:register")).content.decode()
    assert ("身份证明 1，第 1 版" in page, "办理交房" in page) == (True, True)


def test_d8_the_part_of_a_line_is_signed(world: World) -> None:
    dossier = dossier_of(world)
    signed_in(world.editor).get(address_of(dossier.documents.get(kind="contract")))
    AccessEntry.objects.filter(act="downloaded").update(part="contract-2-v1")
    assert "被改动" in verify_register().broken
