"""A filed dossier changes on request only: form, evidence, a second person."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archives.evidence import Named, compare_evidence
from archives.factories import attach, enter, make_filed, open_dossier, sample_identity, sample_profile
from archives.finding import find_people
from archives.models import ChangeRequest, DossierPage
from archives.profiles import latest_profile
from archives.register import Reader
from archives.services.changing import Wanted, approve_change, ask_change, prove_again, refuse_change
from archives.services.documents import checked_file
from archives.services.errors import DossierError, DoubtfulChange, StaleDossier
from archives.work import archive_work
from estates.models import User
from media.factories import draw_sheets
from tests.archives.conftest import Archive
from tests.conftest import World
from vault.models import AccessEntry

UNIT = "三栋二单元1201"
GOOD = Named(identity=sample_identity(1), unit=UNIT)


@pytest.fixture
def filed(world: World, archive: Archive) -> DossierPage:
    return make_filed(world.editor, archive.archivist, world.unit)


def ask(by: User, dossier: DossierPage, named: Named = GOOD, **values: str) -> ChangeRequest:
    form = checked_file(File(BytesIO(draw_sheets("变更")), "f.pdf"), "f.pdf")
    wanted = Wanted("paper", timezone.localdate(), values or {"mobile": "13800009999"}, named)
    return ask_change(reader=Reader(by), dossier=dossier, wanted=wanted, form=form)


def held(dossier: DossierPage) -> dict[str, object]:
    return dict(latest_profile(DossierPage.objects.get(pk=dossier.pk).customer))


def test_an_approved_change_is_a_new_version_found_under_the_new_number(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    change = ask(world.editor, filed)
    assert (change.state, change.number, change.codes) == ("asked", 1, ["mobile"])
    assert held(filed)["mobile"] == "13800000001"
    approve_change(reader=Reader(archive.second_archivist), change=change, loaded=1)
    change.refresh_from_db()
    assert (change.state, change.version.number if change.version else 0) == ("approved", 2)
    assert held(filed) == sample_profile("张三", 1, mobile="13800009999")
    fresh = DossierPage.objects.get(pk=filed.pk)
    assert (fresh.confirmed_profile, fresh.verified_profile, fresh.state) == (2, 2, "filed")
    reader = Reader(world.editor)
    assert [found.total for found in (find_people(reader=reader, text=t) for t in ("9999", "0001"))] == [1, 0]
    steps = list(filed.steps.order_by("pk").values_list("step", flat=True))[-3:]
    assert steps == ["document", "change_asked", "change_approved"]


def test_too_little_evidence_is_kept_and_cannot_be_approved(world: World, archive: Archive, filed: DossierPage) -> None:
    change = ask(world.editor, filed, Named(phone="13800000002", unit=UNIT))
    assert change.state == "weak"
    assert change.evidence == {"identity": "absent", "phone": "differs", "unit": "matches", "ambiguous": False}
    with pytest.raises(DossierError, match="身份还没有核验够"):
        approve_change(reader=Reader(archive.second_archivist), change=change, loaded=1)
    assert held(filed)["mobile"] == "13800000001"
    prove_again(reader=Reader(world.editor), change=change, named=Named(phone="138 0000 0001", unit=UNIT))
    approve_change(reader=Reader(archive.second_archivist), change=change, loaded=1)
    assert held(filed)["mobile"] == "13800009999"


def test_evidence_that_fits_two_customers_asks_for_the_id_number(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    wife = open_dossier(world.editor, world.unit, tenure="tenant")
    enter(world.editor, wife, sample_profile("李四", 2, mobile="13800000001"))
    both = Named(phone="13800000001", unit=UNIT)
    verdict = compare_evidence(filed, both)
    assert (verdict.is_ambiguous, verdict.is_enough) == (True, False)
    assert ask(world.editor, filed, both).state == "weak"
    three = Named(identity=sample_identity(1), phone="13800000001", unit=UNIT)
    assert compare_evidence(filed, three).is_enough
    in_anothers_name = compare_evidence(filed, Named(identity=sample_identity(2), phone="13800000001"))
    assert not in_anothers_name.is_enough


def test_nobody_approves_what_he_took_in(world: World, archive: Archive, filed: DossierPage) -> None:
    change = ask(archive.second_archivist, filed)
    with pytest.raises(DossierError, match="另一个人"):
        approve_change(reader=Reader(archive.second_archivist), change=change, loaded=1)
    with pytest.raises(PermissionDenied):
        approve_change(reader=Reader(world.editor), change=change, loaded=1)
    assert (held(filed)["mobile"], ChangeRequest.objects.get().state) == ("13800000001", "asked")


def test_two_requests_at_once_the_second_is_compared_again(world: World, archive: Archive, filed: DossierPage) -> None:
    first, second = ask(world.editor, filed), ask(world.editor, filed, mobile="13800008888", office_phone="07551234567")
    reader = Reader(archive.second_archivist)
    approve_change(reader=reader, change=first, loaded=1)
    with pytest.raises(StaleDossier, match="手机"):
        approve_change(reader=reader, change=second, loaded=1)
    assert held(filed)["mobile"] == "13800009999"
    approve_change(reader=reader, change=second, loaded=2)
    assert (held(filed)["mobile"], held(filed)["office_phone"]) == ("13800008888", "07551234567")


def test_a_refused_request_stays_with_its_form_and_sealed_reason(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    change = ask(world.editor, filed)
    with pytest.raises(DossierError, match="请写明为什么"):
        refuse_change(reader=Reader(archive.archivist), change=change, reason=" ")
    refuse_change(reader=Reader(archive.archivist), change=change, reason="签名不是张三本人")
    change.refresh_from_db()
    assert (change.state, change.form.kind, change.note(filed.customer.subject)) == (
        "refused",
        "change_form",
        "签名不是张三本人",
    )
    assert "张三".encode() not in bytes(change.sealed_note)
    assert held(filed)["mobile"] == "13800000001"


@pytest.mark.parametrize(
    ("values", "message"),
    [({"mobile": "13800000001"}, "没有要变更的内容"), ({"nonsense": "x"}, "没有要变更的内容")],
    ids=["the same", "unknown item"],
)
def test_a_request_that_changes_nothing_is_not_taken(
    world: World, filed: DossierPage, values: dict[str, str], message: str
) -> None:
    with pytest.raises(DossierError, match=message):
        ask(world.editor, filed, GOOD, **values)
    assert ChangeRequest.objects.count() == 0


def test_a_doubtful_value_is_named_and_nothing_is_kept(world: World, filed: DossierPage) -> None:
    documents = filed.documents.count()
    with pytest.raises(DoubtfulChange) as refused:
        ask(world.editor, filed, mobile="138")
    assert list(refused.value.doubts) == ["mobile"]
    assert (ChangeRequest.objects.count(), filed.documents.count()) == (0, documents)


def test_an_item_is_emptied_on_request_but_never_the_name(world: World, archive: Archive, filed: DossierPage) -> None:
    form = checked_file(File(BytesIO(draw_sheets("变更")), "f.pdf"), "f.pdf")
    wanted = Wanted("phone", timezone.localdate(), {}, GOOD, ["name"])
    with pytest.raises(DossierError, match="不能清空"):
        ask_change(reader=Reader(world.editor), dossier=filed, wanted=wanted, form=form)
    wanted = Wanted("phone", timezone.localdate(), {}, GOOD, ["address"])
    change = ask_change(reader=Reader(world.editor), dossier=filed, wanted=wanted, form=form)
    approve_change(reader=Reader(archive.archivist), change=change, loaded=1)
    assert "address" not in held(filed)


def test_staff_of_another_estate_can_neither_ask_nor_see(world: World, archive: Archive, filed: DossierPage) -> None:
    change = ask(world.editor, filed)
    outsider = world.other_editor
    with pytest.raises(PermissionDenied):
        ask(outsider, filed)
    client = Client()
    client.force_login(outsider)
    assert client.get(reverse("archives:change", args=[change.pk])).status_code == 404
    assert client.post(reverse("archives:change-receipt", args=[change.pk])).status_code == 404


def test_the_pages_take_in_and_decide_and_say_what_is_wrong(world: World, archive: Archive, filed: DossierPage) -> None:
    editor, archivist = Client(), Client()
    editor.force_login(world.editor)
    archivist.force_login(archive.archivist)
    address = reverse("archives:ask-change", args=[filed.number])
    page = editor.get(address).content.decode()
    assert "13800000001" not in page
    assert "示例路" not in page
    asked = {
        "asked": "mobile",
        "item-mobile": "138",
        "channel": "paper",
        "received_on": timezone.localdate().isoformat(),
        "proof-identity": sample_identity(1),
        "proof-unit": UNIT,
    }
    upload = File(BytesIO(draw_sheets("变更")), "f.pdf")
    refused = editor.post(address, {**asked, "document": upload})
    assert (refused.status_code, "不像电话号码" in refused.content.decode()) == (422, True)
    without = editor.post(address, {**asked, "item-mobile": "13800009999"})
    assert "请选择文件" in without.content.decode()
    upload.seek(0)
    taken = editor.post(address, {**asked, "item-mobile": "13800009999", "document": upload})
    change = ChangeRequest.objects.get()
    assert taken["Location"] == reverse("archives:change", args=[change.pk])
    assert "13800009999" not in editor.get(taken["Location"]).content.decode()
    assert [(task.heading, task.count) for task in archive_work(archive.archivist)] == [("资料变更申请", 1)]
    assert archive_work(world.editor) == []
    before = AccessEntry.objects.count()
    seen = archivist.get(taken["Location"]).content.decode()
    assert ("13800000001" in seen, "13800009999" in seen) == (True, True)
    line = AccessEntry.objects.order_by("sequence").last()
    assert (AccessEntry.objects.count(), line and line.act) == (before + 1, "revealed")
    archivist.post(taken["Location"], {"action": "approve", "loaded": "1"})
    assert held(filed)["mobile"] == "13800009999"
    receipt = editor.post(reverse("archives:change-receipt", args=[change.pk]))
    assert (receipt.status_code, receipt["Content-Type"]) == (200, "application/pdf")


def test_a_filed_dossier_goes_on_gathering_repairs_but_no_contract(world: World, filed: DossierPage) -> None:
    attach(world.editor, filed, "repair")
    with pytest.raises(DossierError, match="变更手续"):
        attach(world.editor, filed, "contract")
    assert list(filed.documents.filter(kind__in=["repair", "contract"]).values_list("kind", flat=True)) == [
        "contract",
        "repair",
    ]
