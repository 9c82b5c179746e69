"""Terms frozen at filing, holds that beat them, lists decided by two people, and what is left afterwards."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archives.factories import make_dossier, make_filed
from archives.finding import find_people
from archives.models import (
    CustomerToken,
    DisposalItem,
    DisposalList,
    DossierPage,
    Hold,
    ProfileVersion,
    RetentionRule,
    Tenure,
)
from archives.profiles import latest_profile
from archives.register import Reader
from archives.retention import due_dossiers, due_on
from archives.services import disposing
from archives.services.contacts import add_contact
from archives.services.disposing import (
    decide_items,
    finish_disposals,
    prepare_disposal,
    repeat_disposals,
    run_disposal,
)
from archives.services.errors import DossierError
from archives.services.holding import end_tenure, lift_hold, set_hold
from archives.services.merging import merge_dossiers
from archives.work import archive_work
from estates.factories import make_unit
from tests.archives.conftest import Archive
from tests.conftest import World
from vault.data_keys import KeyDestroyed, key_of
from vault.models import AccessEntry
from vault.register import verify_register

LONG_AGO, OVER = date(2001, 5, 1), date(2010, 6, 30)


def expired(world: World, archive: Archive, place: int, name: str = "张三") -> DossierPage:
    """A tenant's dossier whose ten years are over."""
    unit = make_unit(world.estate, f"3栋2单元12{place:02}")
    filed = make_filed(world.editor, archive.archivist, unit, name, place, tenure="tenant", opened_on=LONG_AGO)
    Tenure.objects.filter(pk=filed.tenure_id).update(closed_on=OVER)
    return DossierPage.objects.get(pk=filed.pk)


def decided(world: World, archive: Archive, **what: tuple[str, str]) -> DisposalList:
    """A list of everything that is due, decided: `d3=("destroy", "keep")` for the home 1203; else both destroy."""
    made = prepare_disposal(by=archive.archivist, estate=world.estate)
    for turn, person in enumerate((archive.archivist, world.manager)):
        decisions = {
            item.pk: what.get(f"d{int(item.dossier.unit.code[-2:])}", ("destroy", "destroy"))[turn]
            for item in made.items.all()
        }
        decide_items(by=person, disposal=made, decisions=decisions)
    return made


def fates(made: DisposalList) -> list[str]:
    return list(made.items.order_by("pk").values_list("state", flat=True))


def test_the_rule_is_frozen_at_filing_and_terms_run_from_the_next_year(world: World, archive: Archive) -> None:
    tenant = expired(world, archive, 1)
    owner = make_filed(world.editor, archive.archivist, make_unit(world.estate, "3栋2单元1209"), "李四", 9)
    assert (tenant.retention_term, tenant.retention_trigger, due_on(tenant)) == (
        "10",
        "tenure_closed",
        date(2021, 1, 1),
    )
    assert (owner.retention_term, due_on(owner)) == ("30", None)
    RetentionRule.objects.filter(code="tenant").update(term="permanent")
    assert due_on(DossierPage.objects.get(pk=tenant.pk)) == date(2021, 1, 1)
    assert [dossier.pk for dossier, _day in due_dossiers(world.estate)] == [tenant.pk]


def test_a_tenancy_ends_on_a_day_that_can_be(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit, tenure="tenant", opened_on=LONG_AGO)
    with pytest.raises(DossierError, match="结束日期"):
        end_tenure(reader=Reader(world.editor), dossier=filed, on=LONG_AGO)
    end_tenure(reader=Reader(world.editor), dossier=filed, on=OVER)
    assert due_on(DossierPage.objects.get(pk=filed.pk)) == date(2021, 1, 1)
    with pytest.raises(DossierError, match="已经结束"):
        end_tenure(reader=Reader(world.editor), dossier=filed, on=OVER)


def test_what_both_decided_to_destroy_is_gone_and_the_rest_stays(world: World, archive: Archive, files: Path) -> None:
    gone, kept = expired(world, archive, 1), expired(world, archive, 2, "李四")
    add_contact(reader=Reader(world.editor), dossier=gone, on=timezone.localdate(), channel="phone", text="张三来电")
    paths = list(gone.documents.values_list("path", flat=True))
    made = decided(world, archive, d2=("destroy", "keep"))
    run_disposal(reader=Reader(archive.archivist), disposal=made)
    assert fates(made) == ["destroyed", "kept"]
    fresh = DossierPage.objects.get(pk=gone.pk)
    assert (fresh.state, fresh.number, fresh.customer.latest) == ("disposed", gone.number, 0)
    assert (gone.documents.count(), gone.contacts.count()) == (0, 0)
    assert (gone.customer.profiles.count(), gone.customer.tokens.count()) == (0, 0)
    assert not any(default_storage.exists(path) for path in paths)
    with pytest.raises(KeyDestroyed):
        key_of(gone.customer.subject)
    assert latest_profile(kept.customer)["name"] == "李四"
    assert kept.documents.count() == 3
    stone = DisposalItem.objects.get(dossier=gone)
    assert (stone.documents, len(stone.digest), stone.left) == (3, 64, {})
    line = AccessEntry.objects.get(act="destroyed")
    assert (line.record, line.purpose, line.who) == (gone.number, "disposed", archive.archivist)
    assert find_people(reader=Reader(world.editor), text="张三").total == 0
    assert not verify_register().broken


def test_a_hold_set_after_the_approval_saves_the_dossier(world: World, archive: Archive) -> None:
    saved, gone = expired(world, archive, 1), expired(world, archive, 2, "李四")
    made = decided(world, archive)
    hold = set_hold(reader=Reader(archive.director), dossier=saved, kind="lawsuit", reason="张三起诉，示例案号")
    run_disposal(reader=Reader(archive.archivist), disposal=made)
    assert fates(made) == ["held", "destroyed"]
    assert latest_profile(saved.customer)["name"] == "张三"
    assert list(due_dossiers(world.estate)) == []
    lift_hold(reader=Reader(archive.director), hold=hold)
    assert [dossier.pk for dossier, _day in due_dossiers(world.estate)] == [saved.pk]
    assert "起诉".encode() not in bytes(Hold.objects.get().sealed_note)
    assert DossierPage.objects.get(pk=gone.pk).state == "disposed"


def test_papers_out_and_terms_that_run_again_keep_the_dossier(world: World, archive: Archive) -> None:
    first = expired(world, archive, 1)
    made = decided(world, archive)
    Tenure.objects.filter(pk=first.tenure_id).update(closed_on=timezone.localdate())
    run_disposal(reader=Reader(archive.archivist), disposal=made)
    assert fates(made) == ["not_due"]
    assert latest_profile(first.customer)["name"] == "张三"


def test_one_person_decides_nothing_alone(world: World, archive: Archive) -> None:
    dossier = expired(world, archive, 1)
    made = prepare_disposal(by=archive.archivist, estate=world.estate)
    (item,) = made.items.all()
    with pytest.raises(DossierError, match="先由档案管理员"):
        decide_items(by=world.manager, disposal=made, decisions={item.pk: "destroy"})
    for _again in range(2):
        decide_items(by=archive.archivist, disposal=made, decisions={item.pk: "destroy"})
    with pytest.raises(DossierError, match="没有两个人的决定"):
        run_disposal(reader=Reader(archive.archivist), disposal=made)
    for person in (world.editor, archive.auditor, world.other_editor):
        with pytest.raises(PermissionDenied):
            decide_items(by=person, disposal=made, decisions={item.pk: "destroy"})
    decide_items(by=world.manager, disposal=made, decisions={item.pk: "destroy"})
    decide_items(by=archive.archivist, disposal=made, decisions={item.pk: "destroy"})
    assert DisposalItem.objects.get().second == ""
    with pytest.raises(PermissionDenied):
        run_disposal(reader=Reader(world.manager), disposal=made)
    assert latest_profile(dossier.customer)["name"] == "张三"


def test_a_run_cut_off_after_the_rows_went_is_brought_to_its_end(
    world: World, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = expired(world, archive, 1)
    paths = list(gone.documents.values_list("path", flat=True))
    made = decided(world, archive)

    def power_cut(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(disposing, "delete_stored", power_cut)
    with pytest.raises(KeyboardInterrupt):
        run_disposal(reader=Reader(archive.archivist), disposal=made)
    assert (fates(made), default_storage.exists(paths[0])) == (["destroying"], True)
    monkeypatch.undo()
    assert (finish_disposals(), finish_disposals()) == (1, 0)
    assert (fates(made), default_storage.exists(paths[0])) == (["destroyed"], False)
    with pytest.raises(KeyDestroyed):
        key_of(gone.customer.subject)


def test_what_was_merged_into_it_goes_with_it(world: World, archive: Archive) -> None:
    gone = expired(world, archive, 1)
    twin = make_dossier(world.editor, make_unit(world.estate, "9栋1单元101"), "张三", 2)
    merge_dossiers(reader=Reader(archive.second_archivist), keep=gone, other=twin, chosen={}, reason="同一人")
    made = decided(world, archive)
    run_disposal(reader=Reader(archive.archivist), disposal=made)
    assert fates(made) == ["destroyed"]
    for one in (gone, twin):
        assert DossierPage.objects.get(pk=one.pk).state == "disposed"
        with pytest.raises(KeyDestroyed):
            key_of(one.customer.subject)


def test_rows_of_an_older_backup_are_removed_again(world: World, archive: Archive) -> None:
    gone = expired(world, archive, 1)
    other = make_dossier(world.editor, make_unit(world.estate, "9栋1单元102"), "王五", 3)
    versions, tokens = list(ProfileVersion.objects.values()), list(CustomerToken.objects.values())
    made = decided(world, archive)
    run_disposal(reader=Reader(archive.archivist), disposal=made)
    DossierPage.objects.filter(pk=gone.pk).update(state="filed")
    ProfileVersion.objects.all().delete()
    CustomerToken.objects.all().delete()
    ProfileVersion.objects.bulk_create(ProfileVersion(**row) for row in versions)
    CustomerToken.objects.bulk_create(CustomerToken(**row) for row in tokens)
    assert find_people(reader=Reader(world.editor), text="张三").rows[0].who.name == ""
    assert (repeat_disposals(), repeat_disposals()) == (1, 0)
    assert CustomerToken.objects.filter(customer=gone.customer_id).count() == 0
    assert find_people(reader=Reader(world.editor), text="王五").rows[0].dossier == other
    call_command("finish_disposals")


def test_the_pages_draw_up_decide_carry_out_and_certify(world: World, archive: Archive) -> None:
    gone = expired(world, archive, 1)
    archivist, manager, auditor = Client(), Client(), Client()
    for client, person in ((archivist, archive.archivist), (manager, world.manager), (auditor, archive.auditor)):
        client.force_login(person)
    archivist.post(reverse("archives:disposals"), {"estate": world.estate.pk})
    made = DisposalList.objects.get()
    address, item = reverse("archives:disposal", args=[made.pk]), made.items.get()
    assert [task.heading for task in archive_work(archive.archivist)] == ["等我决定的销毁清册"]
    archivist.post(address, {"action": "decide", f"item-{item.pk}": "destroy"})
    assert archive_work(archive.archivist) == []
    assert [task.heading for task in archive_work(world.manager)] == ["等我决定的销毁清册"]
    manager.post(address, {"action": "decide", f"item-{item.pk}": "destroy"})
    assert auditor.post(address, {"action": "run"}).status_code == 403
    archivist.post(address, {"action": "run"})
    assert DossierPage.objects.get(pk=gone.pk).state == "disposed"
    assert "已销毁" in auditor.get(address).content.decode()
    stone = archivist.get(gone.get_absolute_url()).content.decode()
    assert f"按清册 {made} 销毁" in stone
    shown = archivist.post(reverse("archives:reveal", args=[gone.key]), {"purpose": "revisit"})
    assert (shown.status_code, "张三" in shown.content.decode()) == (200, False)
    paper = archivist.post(reverse("archives:certificate", args=[made.pk]))
    assert paper.content.startswith(b"%PDF-")


def test_nothing_due_is_said(world: World, archive: Archive) -> None:
    with pytest.raises(DossierError, match="没有保管期满"):
        prepare_disposal(by=archive.archivist, estate=world.estate)
    with pytest.raises(PermissionDenied):
        prepare_disposal(by=world.editor, estate=world.estate)


def test_a_dossier_is_in_one_open_list_at_a_time(world: World, archive: Archive) -> None:
    expired(world, archive, 1)
    prepare_disposal(by=archive.archivist, estate=world.estate)
    with pytest.raises(DossierError, match="没有保管期满"):
        prepare_disposal(by=archive.archivist, estate=world.estate)
