"""A dossier as BagIt: whole by the library's own checker, and back again equal."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bagit
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archives.factories import make_dossier, make_filed
from archives.finding import find_people
from archives.models import Customer, DossierPage
from archives.register import Reader
from archives.services.contacts import add_contact
from archives.services.deeds import note_deed
from archives.services.disposing import erase_dossiers
from archives.services.errors import DossierError
from archives.services.exporting import export_dossier
from archives.services.taking_bags import take_bag
from estates.factories import make_unit
from estates.models import Counter, NumberEntry
from exchange.bags import Bag, read_bag, written_bag
from tests.archives.conftest import Archive
from tests.conftest import World
from vault.data_keys import destroy_key
from vault.models import AccessEntry


@pytest.fixture
def filed(world: World, archive: Archive) -> DossierPage:
    dossier = make_filed(world.editor, archive.archivist, world.unit)
    note_deed(reader=Reader(world.editor), dossier=dossier, on=timezone.localdate(), number="示例证0001号")
    add_contact(
        reader=Reader(world.editor), dossier=dossier, on=timezone.localdate(), channel="phone", text="=张三来电"
    )
    return DossierPage.objects.get(pk=dossier.pk)


def exported(archive: Archive, dossier: DossierPage) -> bytes:
    return export_dossier(reader=Reader(archive.archivist), dossier=dossier, purpose="移交档案馆")


def forgotten(dossier: DossierPage) -> None:
    """As on another site: nothing of the dossier is here, not even its number."""
    paths, customer, tenure = list(dossier.documents.values_list("path", flat=True)), dossier.customer, dossier.tenure
    erase_dossiers([dossier])
    dossier.delete()
    customer.delete()
    if tenure:
        tenure.delete()
    NumberEntry.objects.all().delete()
    Counter.objects.all().delete()
    for path in paths:
        default_storage.delete(path)
    destroy_key(customer.subject)


def test_the_bag_is_valid_for_the_library_itself(archive: Archive, filed: DossierPage, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(exported(archive, filed))) as folder:
        folder.extractall(tmp_path)
    bag = bagit.Bag(str(tmp_path / str(filed.number)))
    bag.validate()
    assert sorted(path.rpartition("/")[2] for path in bag.payload_files()) == [
        "consent-1-v1.pdf",
        "contents.csv",
        "contract-1-v1.pdf",
        "dossier.json",
        "events.csv",
        "identity-1-v1.pdf",
    ]
    assert bag.info["External-Identifier"] == filed.number
    assert "用于：移交档案馆" in bag.info["Internal-Sender-Description"]
    contents = (tmp_path / str(filed.number) / "data" / "contents.csv").read_text("utf-8-sig").splitlines()
    assert contents[0] == "序号,档号,题名,责任者,日期,密级,页数,备注"
    assert contents[1].startswith(f"1,{filed.number},个人信息授权书 1 第 1 版,示例editor,")
    events = (tmp_path / str(filed.number) / "data" / "events.csv").read_text("utf-8-sig").splitlines()
    assert (events[0], len(events)) == ("时间,步骤,经办人", 1 + filed.steps.count())


def test_exported_forgotten_and_taken_in_again_it_is_equal(archive: Archive, world: World, filed: DossierPage) -> None:
    before = read_bag(first := exported(archive, filed)).payload
    forgotten(filed)
    assert find_people(reader=Reader(world.editor), text="张三").total == 0
    back = take_bag(reader=Reader(archive.archivist), content=first)
    after = read_bag(exported(archive, back)).payload
    assert after.keys() == before.keys()
    assert json.loads(after["dossier.json"]) == json.loads(before["dossier.json"])
    tables = {"contents.csv", "events.csv"}  # they name people, and those of a bag are the bag's word
    assert {path: after[path] for path in after if path not in tables} == {
        path: before[path] for path in before if path not in tables
    }
    assert "（据导入的包）" in after["events.csv"].decode()
    assert (back.number, back.state, back.open_gaps) == (filed.number, "filed", 0)
    assert find_people(reader=Reader(world.editor), text="zs").rows[0].dossier.pk == back.pk
    later = make_filed(world.editor, archive.second_archivist, make_unit(world.estate, "9栋1单元101"), "李四", 2)
    assert str(later.number).endswith("00002")


def test_what_is_here_already_is_not_taken_in(archive: Archive, world: World, filed: DossierPage) -> None:
    bag = exported(archive, filed)
    with pytest.raises(DossierError, match="已经用过"):
        take_bag(reader=Reader(archive.archivist), content=bag)
    forgotten(filed)
    make_dossier(world.editor, world.unit, "李四", 2)
    files = set(default_storage.listdir("")[1])
    with pytest.raises(DossierError, match="已有业主的档案"):
        take_bag(reader=Reader(archive.archivist), content=bag)
    assert (DossierPage.objects.count(), NumberEntry.objects.count()) == (1, 0)
    assert set(default_storage.listdir("")[1]) == files


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"nonsense", "打不开这个 ZIP"), (b"PK\x05\x06" + b"\0" * 18, "不是一个 BagIt 包")],
    ids=["no zip", "empty zip"],
)
def test_what_is_no_bag_says_so(world: World, archive: Archive, content: bytes, message: str) -> None:
    with pytest.raises(DossierError, match=message):
        take_bag(reader=Reader(archive.archivist), content=content)


def test_a_bag_changed_on_the_way_is_refused_and_leaves_nothing(
    archive: Archive, filed: DossierPage, files: Path
) -> None:
    whole = exported(archive, filed)
    forgotten(filed)
    stored = sorted(path.name for path in files.rglob("*") if path.is_file())
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(changed, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            new.writestr(part, data.replace("张三".encode(), "张四".encode()))
    with pytest.raises(DossierError, match="被改动过"):
        take_bag(reader=Reader(archive.archivist), content=changed.getvalue())
    assert DossierPage.objects.count() == 0
    assert sorted(path.name for path in files.rglob("*") if path.is_file()) == stored


def test_exporting_is_a_right_of_its_own_with_a_reason(world: World, archive: Archive, filed: DossierPage) -> None:
    for person in (world.editor, world.manager, archive.auditor):
        with pytest.raises(PermissionDenied):
            export_dossier(reader=Reader(person), dossier=filed, purpose="移交")
    for reason in ("", "给张三看"):
        with pytest.raises(DossierError):
            export_dossier(reader=Reader(archive.archivist), dossier=filed, purpose=reason)
    assert not AccessEntry.objects.filter(act="exported").exists()
    client = Client()
    client.force_login(archive.archivist)
    got = client.post(reverse("archives:bag", args=[filed.number]), {"purpose": "移交档案馆"})
    assert got["Content-Type"] == "application/zip"
    line = AccessEntry.objects.get(act="exported")
    assert (line.purpose, line.record) == ("移交档案馆", filed.number)
    refused = client.post(reverse("archives:take-bag"), {"document": io.BytesIO(got.content)})
    assert (refused.status_code, "已经用过" in refused.content.decode()) == (422, True)


Told = dict[str, Any]


def without_need(told: Told) -> None:
    del told["need"]


def a_step_of_none(told: Told) -> None:
    told["steps"][0]["step"] = "flown"


def a_step_untold(told: Told) -> None:
    told["steps"] = [{**told["steps"][0], "step": "document", "detail": {"kind": []}}]


def a_day_that_is_none(told: Told) -> None:
    told["record_date"] = "2026-02-30"


def values_of_numbers(told: Told) -> None:
    told["versions"][0]["values"] = {"name": 7}


def no_home(told: Told) -> None:
    told["unit"] = "三栋之一"


def a_document_twice(told: Told) -> None:
    told["documents"].append(told["documents"][0])


def versions_in_disorder(told: Told) -> None:
    told["versions"] = told["versions"][::-1]


def what_no_database_takes(told: Told) -> None:
    told["contacts"][0]["text"] = "\0"


def a_newer_one(told: Told) -> None:
    told["format"] = 2


def not_a_description(told: Told) -> None:
    told.clear()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without_need, "need"),
        (a_step_of_none, "steps.0.step"),
        (a_step_untold, "steps document"),
        (a_day_that_is_none, "record_date"),
        (values_of_numbers, "versions.0.values.name"),
        (no_home, "unit"),
        (a_document_twice, "互相矛盾"),
        (versions_in_disorder, "versions"),
        (what_no_database_takes, "versions"),
        (a_newer_one, "比本系统新"),
        (not_a_description, "format"),
    ],
)
def test_a_whole_bag_whose_description_is_wrong_says_where_and_leaves_nothing(
    archive: Archive, filed: DossierPage, files: Path, spoil: Callable[[Told], None], message: str
) -> None:
    payload = dict(read_bag(exported(archive, filed)).payload)
    forgotten(filed)
    stored = sorted(path.name for path in files.rglob("*") if path.is_file())
    told: Told = json.loads(payload["dossier.json"])
    spoil(told)
    payload["dossier.json"] = json.dumps(told).encode()
    with pytest.raises(DossierError, match=message):
        take_bag(reader=Reader(archive.archivist), content=written_bag("x", Bag(payload, {})))
    assert (DossierPage.objects.count(), NumberEntry.objects.count(), Customer.objects.count()) == (0, 0, 0)
    assert sorted(path.name for path in files.rglob("*") if path.is_file()) == stored
