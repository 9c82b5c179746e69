"""What customers ask about their own data, and what it does wherever it is held."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pypdfium2
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archives.evidence import Named
from archives.factories import attach, enter, make_dossier, make_filed, sample_identity, sample_profile
from archives.finding import find_people
from archives.models import DossierPage, PersonRequest, ProfileVersion, Tenure
from archives.profiles import latest_profile
from archives.register import Reader
from archives.services.changing import Wanted, approve_change, ask_change
from archives.services.documents import checked_file
from archives.services.errors import DossierError
from archives.services.holding import set_hold
from archives.services.person_requests import (
    Asked,
    fulfil_request,
    note_copy,
    prove_request,
    refuse_request,
    take_request,
)
from archives.services.revealing import reveal_profile
from archives.work import archive_work
from estates.calendar import add_workdays
from media.factories import draw_sheets
from tests.archives.conftest import Archive
from tests.conftest import World
from vault.data_keys import KeyDestroyed, key_of
from vault.models import AccessEntry

GOOD = Named(phone="13800000001", unit="3-2-1201")


@pytest.fixture
def filed(world: World, archive: Archive) -> DossierPage:
    return make_filed(world.editor, archive.archivist, world.unit)


def ask(world: World, dossier: DossierPage, kind: str, named: Named = GOOD, *, by_agent: bool = False) -> PersonRequest:
    asked = Asked(kind, "paper", timezone.localdate(), named, by_agent)
    return take_request(reader=Reader(world.editor), dossier=dossier, asked=asked)


def text_of(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in pages)


def test_an_access_request_produces_the_copy_and_its_lines(world: World, archive: Archive, filed: DossierPage) -> None:
    request = ask(world, filed, "access")
    assert (request.state, request.due_on) == ("open", add_workdays(timezone.localdate(), 15))
    client = Client()
    client.force_login(archive.second_archivist)
    page = reverse("archives:person-request", args=[request.pk])
    assert "请先打印副本" in client.post(page, {"action": "fulfil"}).content.decode()
    before = AccessEntry.objects.count()
    copy = client.post(reverse("archives:person-copy", args=[request.pk]))
    text = text_of(copy.content)
    for told in ("张三", sample_identity(1), "13800000001", "示例文件", "购房合同", "客户资料"):
        assert told in text, told
    lines = list(AccessEntry.objects.order_by("sequence")[before:].values_list("act", "purpose", "record"))
    assert lines == [
        ("changed", "request_copied", filed.number),
        ("printed", "request_copied", filed.number),
    ]
    client.post(page, {"action": "fulfil", "reply": "已当面交付"})
    request.refresh_from_db()
    assert (request.state, request.note(filed.customer.subject)) == ("done", "已当面交付")
    assert ("客户资料", "已提供") in request.effect_words
    assert "已提供" in text_of(client.post(reverse("archives:person-reply", args=[request.pk])).content)


def test_in_the_name_of_somebody_else_nothing_is_given(world: World, archive: Archive, filed: DossierPage) -> None:
    request = ask(world, filed, "copy", Named(identity=sample_identity(9), unit="3-2-1201"))
    assert request.state == "weak"
    with pytest.raises(DossierError, match="身份还没有核验够"):
        note_copy(reader=Reader(archive.archivist), request=request, count=1)
    with pytest.raises(DossierError, match="身份还没有核验够"):
        fulfil_request(reader=Reader(archive.archivist), request=request)
    assert not AccessEntry.objects.filter(act="printed").exists()
    assert prove_request(reader=Reader(world.editor), request=request, named=GOOD).state == "open"


def test_an_agent_brings_the_customers_authority(world: World, archive: Archive, filed: DossierPage) -> None:
    with pytest.raises(DossierError, match="授权委托书"):
        ask(world, filed, "copy", by_agent=True)
    assert PersonRequest.objects.count() == 0
    paper = checked_file(File(BytesIO(draw_sheets("委托")), "w.pdf"), "w.pdf")
    asked = Asked("copy", "paper", timezone.localdate(), GOOD, True)
    request = take_request(reader=Reader(world.editor), dossier=filed, asked=asked, authority=paper)
    assert request.authority is not None
    assert request.authority.kind == "authority"


def test_a_correction_is_done_when_the_change_is(world: World, archive: Archive, filed: DossierPage) -> None:
    request = ask(world, filed, "correction")
    with pytest.raises(DossierError, match="先办理资料变更"):
        fulfil_request(reader=Reader(archive.archivist), request=request)
    form = checked_file(File(BytesIO(draw_sheets("变更")), "f.pdf"), "f.pdf")
    wanted = Wanted("paper", timezone.localdate(), {"mobile": "13800009999"}, GOOD)
    change = ask_change(reader=Reader(world.editor), dossier=filed, wanted=wanted, form=form)
    approve_change(reader=Reader(archive.archivist), change=change, loaded=1)
    done = fulfil_request(reader=Reader(archive.archivist), request=request)
    assert done.effect_words[0] == ("客户资料", "已更正")


def test_what_was_never_filed_is_deleted_whole_at_once(
    world: World, archive: Archive, django_capture_on_commit_callbacks: object
) -> None:
    dossier = make_dossier(world.editor, world.unit)
    attach(world.editor, dossier, "identity")
    paths = list(dossier.documents.values_list("path", flat=True))
    request = ask(world, dossier, "deletion")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        done = fulfil_request(reader=Reader(archive.archivist), request=request)
    fresh = DossierPage.objects.get(pk=dossier.pk)
    assert (fresh.state, fresh.tenure, ProfileVersion.objects.count(), Tenure.objects.count()) == (
        "disposed",
        None,
        0,
        0,
    )
    assert not default_storage.exists(paths[0])
    with pytest.raises(KeyDestroyed):
        key_of(dossier.customer.subject)
    assert dict(done.effect_words)["备份"] == "密钥已销毁，不能读出"
    assert PersonRequest.objects.get().left == {}
    assert find_people(reader=Reader(world.editor), text="张三").total == 0


def test_a_filed_dossier_is_not_deleted_before_its_time_but_no_longer_used(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    request = ask(world, filed, "deletion")
    with pytest.raises(DossierError, match="不能提前删除"):
        fulfil_request(reader=Reader(archive.archivist), request=request)
    assert latest_profile(filed.customer)["name"] == "张三"
    refused = refuse_request(reader=Reader(archive.archivist), request=request, reply="依法保管 30 年")
    assert ("客户资料", "停止使用，只保管") in refused.effect_words
    fresh = DossierPage.objects.get(pk=filed.pk)
    with pytest.raises(PermissionDenied):
        reveal_profile(reader=Reader(archive.property), dossier=fresh, purpose="repair")
    assert reveal_profile(reader=Reader(archive.archivist), dossier=fresh, purpose="complaint")


def test_a_hold_stands_against_a_deletion(world: World, archive: Archive) -> None:
    dossier = make_dossier(world.editor, world.unit)
    set_hold(reader=Reader(archive.archivist), dossier=dossier, kind="lawsuit", reason="示例案号")
    request = ask(world, dossier, "deletion")
    with pytest.raises(DossierError, match="暂停销毁"):
        fulfil_request(reader=Reader(archive.archivist), request=request)
    assert latest_profile(dossier.customer)["name"] == "张三"


def test_consent_withdrawn_what_was_collected_on_it_goes_from_every_version(world: World, archive: Archive) -> None:
    dossier = make_dossier(world.editor, world.unit)
    enter(world.editor, dossier, {"cuisine": "示例菜", "hobby": "", "sex": "男"})
    request = ask(world, dossier, "withdrawal")
    fulfil_request(reader=Reader(archive.archivist), request=request)
    fresh = DossierPage.objects.get(pk=dossier.pk)
    assert latest_profile(fresh.customer) == sample_profile("张三", 1)
    assert list(fresh.customer.profiles.values_list("number", flat=True)) == [fresh.customer.latest]
    assert fresh.customer.consent_withdrawn_on == timezone.localdate()
    assert find_people(reader=Reader(world.editor), text="张三").total == 1


def test_nobody_fulfils_what_he_took_in_and_only_some_answer(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    asked = Asked("withdrawal", "paper", timezone.localdate(), GOOD)
    own = take_request(reader=Reader(archive.archivist), dossier=filed, asked=asked)
    with pytest.raises(DossierError, match="另一个人"):
        fulfil_request(reader=Reader(archive.archivist), request=own)
    with pytest.raises(PermissionDenied):
        refuse_request(reader=Reader(world.editor), request=own, reply="x")
    with pytest.raises(PermissionDenied):
        take_request(reader=Reader(world.other_editor), dossier=filed, asked=asked)
    assert [(task.heading, task.count) for task in archive_work(archive.second_archivist)] == [("个人信息请求", 1)]
    PersonRequest.objects.update(due_on=timezone.localdate() - timedelta(1))
    assert archive_work(archive.second_archivist)[0].rows[0].due == timezone.localdate() - timedelta(1)


def test_the_form_says_what_is_missing_and_keeps_what_was_typed(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    client = Client()
    client.force_login(archive.property)
    address = reverse("archives:take-request", args=[filed.number])
    typed = {"kind": "copy", "channel": "phone", "received_on": "", "proof-phone": "13800000001"}
    refused = client.post(address, typed)
    assert (refused.status_code, "不是日期" in refused.content.decode(), "13800000001" in refused.content.decode()) == (
        422,
        True,
        True,
    )
    taken = client.post(address, {**typed, "received_on": timezone.localdate().isoformat(), "proof-unit": "3-2-1201"})
    assert taken["Location"] == reverse("archives:person-request", args=[PersonRequest.objects.get().pk])
    assert client.post(reverse("archives:person-copy", args=[PersonRequest.objects.get().pk])).status_code == 403
