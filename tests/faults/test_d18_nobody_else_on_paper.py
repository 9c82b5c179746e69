"""D18: what a customer gets on paper names himself, staff by role, and nobody else."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.base import File
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archives.certificate import disposal_certificate
from archives.change_sheets import change_receipt
from archives.factories import make_dossier, make_filed
from archives.incident_report import letters
from archives.models import DisposalItem, DisposalList, DossierPage, Incident
from archives.person_copy import held_about, person_copy
from archives.readers_sheet import readers_sheet
from archives.register import Reader
from archives.services.changing import Wanted, approve_change, ask_change
from archives.services.contacts import add_contact
from archives.services.documents import checked_file
from archives.services.lending import Wish, ask_loan, decide_loan
from estates.factories import make_unit
from media.factories import draw_sheets
from tests.archives.conftest import Archive, build_archive
from tests.archives.test_person_requests import GOOD, ask, text_of
from tests.conftest import World
from vault.models.access import Act
from vault.register import Access, note_access


@pytest.fixture
def archive(world: World) -> Archive:
    return build_archive(world)


@pytest.fixture
def filed(world: World, archive: Archive) -> DossierPage:
    make_dossier(world.editor, make_unit(world.estate, "3栋2单元1301"), "李四", 7)
    return make_filed(world.editor, archive.archivist, world.unit)


def squeezed(pdf: bytes) -> str:
    return "".join(text_of(pdf).split())


def test_d18_who_looked_at_my_file_names_staff_by_role_and_nobody_else(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    documents = [document.pk for document in filed.documents.all()]
    wish = Wish("electronic", "给李四办贷款用", timezone.localdate(), documents, archive.director)
    loan = ask_loan(reader=Reader(world.editor), dossier=filed, wish=wish)
    decide_loan(reader=Reader(archive.archivist), loan=loan, grant=True)
    note_access(world.editor, Access(Act.REVEALED, filed.customer.subject, filed.key, "王五托我看看"))
    text = squeezed(readers_sheet(filed))
    for name in ("示例", "李四", "王五", "archivist", "editor"):
        assert name not in text, name
    for words in ("客服编辑", "档案管理员", "客户服务部", "登记的其他目的", "张*"):
        assert words in text, words


def test_d18_the_copy_names_nobody_else(world: World, archive: Archive, filed: DossierPage) -> None:
    for text in ("示例editor和李四一起来电，王先生在场，本人电话13800000001", "张三说漏水"):
        add_contact(reader=Reader(world.editor), dossier=filed, on=timezone.localdate(), channel="phone", text=text)
    request = ask(world, filed, "copy")
    text = squeezed(person_copy(request, held_about(filed)))
    for name in ("示例editor", "示例archivist", "李四", "王先生"):
        assert name not in text, name
    for words in ("张三说漏水", "13800000001", "一起来电", "客服编辑"):
        assert words in text, words


def test_d18_receipts_certificates_and_letters_name_staff_by_role(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    form = checked_file(File(BytesIO(draw_sheets("变更")), "f.pdf"), "f.pdf")
    wanted = Wanted("paper", timezone.localdate(), {"mobile": "13800009999"}, GOOD)
    change = ask_change(reader=Reader(world.editor), dossier=filed, wanted=wanted, form=form)
    approve_change(reader=Reader(archive.archivist), change=change, loaded=1)
    change.refresh_from_db()
    made = DisposalList.objects.create(
        estate=world.estate, made_by=archive.archivist, run_at=timezone.now(), run_by=archive.archivist
    )
    DisposalItem.objects.create(
        disposal=made,
        dossier=filed,
        due_on=timezone.localdate(),
        term="10",
        first="keep",
        first_by=archive.archivist,
        second="keep",
        second_by=world.manager,
    )
    incident = Incident(
        what="示例editor 的电脑丢失", since=timezone.now(), until=timezone.now(), measures="示例manager 已处理"
    )
    for paper in (change_receipt(change), disposal_certificate(made), letters(incident, [filed])):
        text = squeezed(paper)
        for name in ("示例editor", "示例archivist", "示例manager"):
            assert name not in text, name
    assert "档案管理员" in squeezed(disposal_certificate(made))
    assert "客服经理" in squeezed(disposal_certificate(made))


def test_d18_the_reply_letter_names_nobody_else(world: World, archive: Archive, filed: DossierPage) -> None:
    request = ask(world, filed, "deletion")
    client = Client()
    client.force_login(archive.archivist)
    page = reverse("archives:person-request", args=[request.pk])
    client.post(page, {"action": "refuse", "reply": "李四和示例editor都不同意，依法保管"})
    text = squeezed(client.post(reverse("archives:person-reply", args=[request.pk])).content)
    assert "依法保管" in text
    assert "李四" not in text
    assert "示例editor" not in text
