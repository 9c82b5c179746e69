"""D9: what the reply to a person's request says has been done is done, everywhere."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
import tink
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archives.evidence import Named
from archives.factories import attach, enter, make_dossier, make_filed
from archives.finding import find_people
from archives.models import (
    ChangeRequest,
    Contact,
    Customer,
    DossierDocument,
    DossierPage,
    Loan,
    PersonRequest,
    ProfileVersion,
)
from archives.profiles import all_versions, latest_profile
from archives.register import Reader
from archives.rekeying import sealed_rows
from archives.services.changing import Wanted, approve_change, ask_change
from archives.services.contacts import add_contact
from archives.services.documents import checked_file, open_document, plain_document
from archives.services.errors import DossierError
from archives.services.lending import Wish, ask_loan, decide_loan
from archives.services.merging import obstacle_to
from archives.services.person_requests import Asked, fulfil_request, refuse_request, take_request
from estates.factories import make_unit
from magazine.addresses import parse_address
from magazine.factories import make_readers
from magazine.models import Suppression
from magazine.services.subscribing import address_token
from media.factories import draw_sheets
from tests.archives.conftest import Archive, build_archive
from tests.archives.test_person_requests import text_of
from tests.conftest import World
from vault.data_keys import key_of
from vault.models import AccessEntry
from vault.sealing import Tampered, unseal

GOOD = Named(phone="13800000001", unit="3-2-1201")


@pytest.fixture
def archive(world: World) -> Archive:
    return build_archive(world)


def ask(world: World, dossier: DossierPage, kind: str, named: Named = GOOD) -> PersonRequest:
    asked = Asked(kind, "paper", timezone.localdate(), named)
    return take_request(reader=Reader(world.editor), dossier=dossier, asked=asked)


@pytest.fixture
def restricted(world: World, archive: Archive) -> DossierPage:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    request = ask(world, filed, "deletion")
    refuse_request(reader=Reader(archive.archivist), request=request, reply="依法保管 30 年")
    return DossierPage.objects.get(pk=filed.pk)


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def test_d9_nobody_but_the_handler_sees_anything_of_a_restricted_customer(
    world: World, archive: Archive, restricted: DossierPage
) -> None:
    document = restricted.documents.first()
    assert document is not None
    for user in (world.editor, archive.property, archive.sales, archive.director):
        client = signed_in(user)
        page = client.get(restricted.get_absolute_url()).content.decode()
        assert "停止使用" in page
        for told in ("张*", "138****0001", "显示明文", "导出为 BagIt", "申请借阅"):
            assert told not in page, (user, told)
        assert client.post(f"{restricted.get_absolute_url()}reveal/", {"purpose": "repair"}).status_code == 403
        shown = client.get(reverse("archives:document", args=[restricted.key, document.pk]))
        assert shown.status_code == 403
        with pytest.raises(PermissionDenied):
            open_document(reader=Reader(user), document=document)
    assert not AccessEntry.objects.filter(act="downloaded").exclude(purpose="verify").exists()
    handler = signed_in(archive.archivist)
    assert handler.post(f"{restricted.get_absolute_url()}reveal/", {"purpose": "complaint"}).status_code == 200
    assert handler.get(reverse("archives:document", args=[restricted.key, document.pk])).status_code == 200
    acts = AccessEntry.objects.filter(who=archive.archivist, record=restricted.key).values_list("act", flat=True)
    assert {"revealed", "downloaded"} <= set(acts)


@pytest.mark.parametrize("text", ["张三", "13800000001", "0001", "zs", "3-2-1201"])
def test_d9_a_lookup_shows_only_that_it_is_restricted(
    world: World, archive: Archive, restricted: DossierPage, text: str
) -> None:
    (row,) = find_people(reader=Reader(world.editor), text=text).rows
    assert (row.is_restricted, row.who.name, row.who.mobile) == (True, "", "")
    page = signed_in(archive.archivist).post("/archive/", {"q": text}).content.decode()
    assert "停止使用，只保管" in page
    assert "张*" not in page
    assert "138****" not in page


def test_d9_nothing_of_a_restricted_customer_is_used_or_changed(
    world: World, archive: Archive, restricted: DossierPage
) -> None:
    other = make_dossier(world.editor, make_unit(world.estate, "3栋2单元1301"), "张三", 1)
    editor, archivist = signed_in(world.editor), signed_in(archive.archivist)
    path, today = restricted.get_absolute_url(), timezone.localdate().isoformat()
    before = (Contact.objects.count(), DossierDocument.objects.count(), ProfileVersion.objects.count())
    editor.post(f"{path}act/", {"action": "contact", "on": today, "channel": "phone", "text": "示例谈话"})
    editor.post(f"{path}documents/", {"kind": "repair", "document": File(BytesIO(draw_sheets("修")), "r.pdf")})
    editor.post(f"{path}deed/", {"deed_on": today, "deed_number": "示例证 1 号"})
    assert (Contact.objects.count(), DossierDocument.objects.count(), ProfileVersion.objects.count()) == before
    exported = archivist.post(f"{path}bag/", {"purpose": "核对"})
    assert exported["Content-Type"] != "application/zip"
    assert not AccessEntry.objects.filter(act="exported").exists()
    form = checked_file(File(BytesIO(draw_sheets("变更")), "f.pdf"), "f.pdf")
    wanted = Wanted("paper", timezone.localdate(), {"mobile": "13800009999"}, GOOD)
    with pytest.raises(DossierError, match="停止使用"):
        ask_change(reader=Reader(world.editor), dossier=restricted, wanted=wanted, form=form)
    wish = Wish(
        "electronic", "核对合同", timezone.localdate(), [d.pk for d in restricted.documents.all()], world.editor
    )
    with pytest.raises(DossierError, match="停止使用"):
        ask_loan(reader=Reader(archive.property), dossier=restricted, wish=wish)
    assert (ChangeRequest.objects.count(), Loan.objects.count()) == (0, 0)
    assert "停止使用" in obstacle_to(restricted, other)
    assert signed_in(archive.auditor).post(f"{path}readers/").status_code == 404


def test_d9_what_was_under_way_when_it_was_restricted_stops(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    documents = [document.pk for document in filed.documents.all()]
    due = timezone.localdate()
    wish = Wish("electronic", "核对合同", due, documents, archive.director)
    loan = ask_loan(reader=Reader(world.editor), dossier=filed, wish=wish)
    decide_loan(reader=Reader(archive.archivist), loan=loan, grant=True)
    waiting = ask_loan(reader=Reader(world.editor), dossier=filed, wish=wish)
    form = checked_file(File(BytesIO(draw_sheets("变更")), "f.pdf"), "f.pdf")
    wanted = Wanted("paper", timezone.localdate(), {"mobile": "13800009999"}, GOOD)
    change = ask_change(reader=Reader(world.editor), dossier=filed, wanted=wanted, form=form)
    request = ask(world, filed, "restriction")
    fulfil_request(reader=Reader(archive.archivist), request=request)
    assert signed_in(archive.director).get(f"{filed.get_absolute_url()}documents/{documents[0]}/").status_code == 403
    with pytest.raises(DossierError, match="停止使用"):
        decide_loan(reader=Reader(archive.archivist), loan=waiting, grant=True)
    with pytest.raises(DossierError, match="停止使用"):
        approve_change(reader=Reader(archive.archivist), change=change, loaded=1)
    assert latest_profile(filed.customer)["mobile"] == "13800000001"
    again = ask(world, filed, "resumption")
    fulfil_request(reader=Reader(archive.archivist), request=again)
    assert Customer.objects.get(pk=filed.customer_id).restricted_at is None
    assert approve_change(reader=Reader(archive.archivist), change=change, loaded=1).state == "approved"


def test_d9_what_was_deleted_does_not_open_with_any_key_that_is_left(
    world: World, archive: Archive, keys: Path, django_capture_on_commit_callbacks: object
) -> None:
    dossier = make_dossier(world.editor, world.unit)
    enter(world.editor, dossier, {"cuisine": "示例菜"})
    attach(world.editor, dossier, "identity")
    add_contact(
        reader=Reader(world.editor), dossier=dossier, on=timezone.localdate(), channel="phone", text="示例谈话内容"
    )
    old = {version.spot: bytes(version.sealed) for version in ProfileVersion.objects.all()}
    content = plain_document(dossier.documents.get())
    store = (keys / "subjects.sqlite3").read_bytes()
    request = ask(world, dossier, "withdrawal")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        done = fulfil_request(reader=Reader(archive.archivist), request=request, reply="已删除")
    for spot, sealed in old.items():
        with pytest.raises(Tampered):
            unseal(dossier.customer.subject, spot, sealed)
        with pytest.raises(tink.TinkError):
            key_of(dossier.customer.subject).decrypt(sealed, spot.bound())
    assert (keys / "subjects.sqlite3").read_bytes() != store
    fresh = DossierPage.objects.get(pk=dossier.pk)
    assert "cuisine" not in latest_profile(fresh.customer)
    assert latest_profile(fresh.customer)["name"] == "张三"
    assert plain_document(fresh.documents.get()) == content
    assert Contact.objects.get().note(fresh.customer.subject) == "示例谈话内容"
    assert PersonRequest.objects.get().note(fresh.customer.subject) == "已删除"
    assert dict(done.effect_words)["备份"] == "密钥已销毁，不能读出"
    assert PersonRequest.objects.get().left == {}


def test_d9_every_sealed_field_of_the_archive_is_sealed_anew(world: World, archive: Archive) -> None:
    dossier = make_dossier(world.editor, world.unit)
    covered = {
        (model, field) for model, fields, rows in sealed_rows(dossier.customer) for field in fields if rows is not None
    }
    wanted = {
        (model, field.name)
        for model in apps.get_app_config("archives").get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.BinaryField)
    }
    assert covered == wanted
    assert len(wanted) >= 11


def test_d9_withdrawn_consent_ends_the_magazine_and_the_collecting(world: World, archive: Archive) -> None:
    dossier = make_dossier(world.editor, world.unit)
    enter(world.editor, dossier, {"cuisine": "示例菜", "company": "示例单位 邮件 Reader@Example.com"})
    (reader,) = make_readers(["reader@example.com"])
    assert any("Reader@Example.com" in str(profile) for profile in all_versions(dossier.customer).values())
    done = fulfil_request(reader=Reader(archive.archivist), request=ask(world, dossier, "withdrawal"))
    reader.refresh_from_db()
    assert reader.state == "left"
    assert Suppression.objects.filter(token=address_token(parse_address("reader@example.com"))).exists()
    assert ("会刊订阅", "已停发") in done.effect_words
    with pytest.raises(DossierError, match="撤回了同意"):
        enter(world.editor, DossierPage.objects.get(pk=dossier.pk), {"cuisine": "示例菜"})
    assert "cuisine" not in latest_profile(Customer.objects.get(pk=dossier.customer_id))
    page = signed_in(world.editor).post("/archive/", {"q": "张三"}).content.decode()
    assert "已撤回同意" in page
    fulfil_request(reader=Reader(archive.archivist), request=ask(world, dossier, "resumption"))
    enter(world.editor, DossierPage.objects.get(pk=dossier.pk), {"cuisine": "示例菜"})
    assert latest_profile(Customer.objects.get(pk=dossier.customer_id))["cuisine"] == "示例菜"


def test_d9_a_withdrawal_reaches_what_was_asked_to_be_changed(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    form = checked_file(File(BytesIO(draw_sheets("变更")), "f.pdf"), "f.pdf")
    wanted = Wanted("paper", timezone.localdate(), {"cuisine": "示例菜", "mobile": "13800009999"}, GOOD)
    change = ask_change(reader=Reader(world.editor), dossier=filed, wanted=wanted, form=form)
    approve_change(reader=Reader(archive.archivist), change=change, loaded=1)
    request = ask(world, filed, "withdrawal", Named(phone="13800009999", unit="3-2-1201"))
    fulfil_request(reader=Reader(archive.archivist), request=request)
    kept = ChangeRequest.objects.get().changes(filed.customer.subject)
    assert kept == {"mobile": "13800009999"}


def test_d9_the_copy_holds_every_part_that_the_letter_says_was_given(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    form = checked_file(File(BytesIO(draw_sheets("变更")), "f.pdf"), "f.pdf")
    wanted = Wanted("paper", timezone.localdate(), {"mobile": "13800009999"}, GOOD)
    change = ask_change(reader=Reader(world.editor), dossier=filed, wanted=wanted, form=form)
    approve_change(reader=Reader(archive.archivist), change=change, loaded=1)
    request = ask(world, filed, "copy", Named(phone="13800009999", unit="3-2-1201"))
    client = signed_in(archive.archivist)
    text = text_of(client.post(reverse("archives:person-copy", args=[request.pk])).content)
    assert "13800009999" in text
    assert "13800000001" in text, "the earlier version"
    client.post(reverse("archives:person-request", args=[request.pk]), {"action": "fulfil"})
    request.refresh_from_db()
    assert dict(request.effect_words) == {
        "客户资料": "已提供",
        "资料的以前版本": "已提供",
        "联系记录和备注": "已提供",
        "查阅登记册": "已提供",
        "档案文件": "已提供目录，原件可当面查看",
    }
