"""The reason of a return stays open until it is answered, and who verifies has seen what he verifies."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from archives.factories import complete, make_dossier
from archives.gates import find_gaps
from archives.models import DossierPage, GateRule
from archives.register import Reader
from archives.services.documents import open_document
from archives.services.entering import save_profile
from archives.services.errors import DossierError
from archives.services.reviewing import confirm_by_customer, return_dossier, submit_dossier
from archives.vocabulary import State
from estates.models import User
from tests.archives.conftest import Archive, archive
from tests.conftest import World

__all__ = ["archive"]


def fresh(dossier: DossierPage) -> DossierPage:
    return DossierPage.objects.get(pk=dossier.pk)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def act(user: User, dossier: DossierPage, action: str, **given: str) -> str:
    address = reverse("archives:act", args=[fresh(dossier).key])
    return signed_in(user).post(address, {"action": action, **given}, follow=True).content.decode()


def submitted(world: World) -> DossierPage:
    dossier = complete(world.editor, make_dossier(world.editor, world.unit))
    submit_dossier(reader=Reader(world.editor), dossier=dossier)
    return fresh(dossier)


def returned(world: World, archive: Archive, gate: str = "clear") -> DossierPage:
    dossier = submitted(world)
    return_dossier(reader=Reader(archive.archivist), dossier=dossier, gate=gate, reason="地址缺门牌")
    return fresh(dossier)


def test_d4_a_returned_dossier_is_not_submitted_again_with_nothing_new(world: World, archive: Archive) -> None:
    dossier = returned(world, archive)
    page = act(world.editor, dossier, "submit")
    assert fresh(dossier).state == State.RETURNED
    assert "退回的原因还没有答复" in page
    assert next((gap.gate, gap.field) for gap in find_gaps(fresh(dossier))) == ("clear", "returned")
    assert '<li class="open"><h3><span aria-hidden="true">○</span> 信息不清不放过' in page


def test_d4_a_change_that_has_nothing_to_do_with_the_gate_is_no_answer(world: World, archive: Archive) -> None:
    dossier = returned(world, archive, "complete")
    save_profile(reader=Reader(world.editor), dossier=dossier, values={"cuisine": "川菜"})
    act(world.editor, dossier, "submit")
    assert fresh(dossier).state == State.RETURNED


def test_d4_a_change_answers_the_reason(world: World, archive: Archive) -> None:
    dossier = returned(world, archive)
    save_profile(reader=Reader(world.editor), dossier=dossier, values={"address": "示例市示例路1号2室"})
    act(world.editor, dossier, "submit")
    assert fresh(dossier).state == State.SUBMITTED


def test_d4_an_answer_in_words_is_kept_sealed_and_shown_to_the_archivist(world: World, archive: Archive) -> None:
    dossier = returned(world, archive)
    act(world.editor, dossier, "answer_return", reason="张三的地址没有门牌，已核对")
    act(world.editor, dossier, "submit")
    assert fresh(dossier).state == State.SUBMITTED
    page = signed_in(archive.archivist).get(dossier.get_absolute_url()).content.decode()
    assert ("地址缺门牌" in page, "张三的地址没有门牌，已核对" in page) == (True, True)
    step = dossier.steps.get(step="return_answered")
    assert "张三".encode() not in bytes(step.sealed_note)


def test_d4_an_empty_answer_answers_nothing(world: World, archive: Archive) -> None:
    dossier = returned(world, archive)
    act(world.editor, dossier, "answer_return", reason="  ")
    act(world.editor, dossier, "submit")
    assert fresh(dossier).state == State.RETURNED


def test_d4_a_second_return_is_open_again(world: World, archive: Archive) -> None:
    dossier = returned(world, archive)
    act(world.editor, dossier, "answer_return", reason="已核对")
    act(world.editor, dossier, "submit")
    return_dossier(reader=Reader(archive.archivist), dossier=dossier, gate="clear", reason="还是缺")
    act(world.editor, dossier, "submit")
    assert fresh(dossier).state == State.RETURNED


def test_d4_nothing_is_verified_unseen(world: World, archive: Archive) -> None:
    dossier = submitted(world)
    page = act(archive.archivist, dossier, "verify")
    assert fresh(dossier).verified_profile == 0
    assert "还没有查看：客户资料、购房合同 1、身份证明 1、个人信息授权书 1" in page


def see(user: User, dossier: DossierPage, *kinds: str) -> None:
    client = signed_in(user)
    for document in dossier.documents.filter(kind__in=kinds):
        address = reverse("archives:document", args=[dossier.key, document.pk])
        answer = client.get(address)
        if answer["Content-Type"].startswith("text/html"):
            answer = client.post(address, {"purpose": "verify"}, follow=True)
        assert answer["Content-Type"] == "application/pdf"


def test_d4_what_is_still_to_be_opened_is_said_and_all_opened_verifies(world: World, archive: Archive) -> None:
    dossier = submitted(world)
    see(archive.archivist, dossier, "contract", "consent")
    page = act(archive.archivist, dossier, "verify")
    assert "还没有查看：客户资料、身份证明 1" in page
    signed_in(archive.archivist).post(reverse("archives:reveal", args=[dossier.key]), {"purpose": "verify"})
    see(archive.archivist, dossier, "identity")
    act(archive.archivist, dossier, "verify")
    assert fresh(dossier).verified_profile == fresh(dossier).customer.latest
    act(archive.archivist, dossier, "file")
    assert fresh(dossier).state == State.FILED


def test_d4_what_a_colleague_saw_or_an_earlier_version_does_not_count(world: World, archive: Archive) -> None:
    dossier = submitted(world)
    for user in (archive.archivist, archive.second_archivist):
        signed_in(user).post(reverse("archives:reveal", args=[dossier.key]), {"purpose": "verify"})
    see(archive.second_archivist, dossier, "contract", "consent", "identity")
    assert "还没有查看：购房合同 1" in act(archive.archivist, dossier, "verify")
    return_dossier(reader=Reader(archive.archivist), dossier=dossier, gate="clear", reason="地址缺门牌")
    save_profile(reader=Reader(world.editor), dossier=dossier, values={"address": "示例市示例路1号2室"})
    confirm_by_customer(reader=Reader(world.editor), dossier=dossier, how="phone", on=dossier.record_date)
    submit_dossier(reader=Reader(world.editor), dossier=dossier)
    assert "还没有查看：客户资料。请打开" in act(archive.second_archivist, dossier, "verify")


def test_d4_asking_for_the_head_of_a_document_is_not_seeing_it(world: World, archive: Archive) -> None:
    dossier = submitted(world)
    contract = dossier.documents.get(kind="contract")
    signed_in(archive.archivist).head(reverse("archives:document", args=[dossier.key, contract.pk]))
    assert "购房合同 1" in act(archive.archivist, dossier, "verify")


def test_d4_an_archivist_cannot_file_what_nobody_verified_with_the_rule_switched_off(
    world: World, archive: Archive
) -> None:
    dossier = submitted(world)
    find_gaps(dossier)
    GateRule.objects.filter(kind="verified").update(is_active=False)
    act(archive.archivist, dossier, "file")
    assert fresh(dossier).state == State.SUBMITTED


def test_d4_opening_by_the_service_asks_for_a_purpose_too(world: World, archive: Archive) -> None:
    identity = submitted(world).documents.get(kind="identity")
    with pytest.raises(DossierError, match="请先说明为了什么"):
        open_document(reader=Reader(archive.archivist), document=identity)
