"""A customer is found by what staff know of him, masked, by those who may, and every look is a line."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from archives.factories import enter, make_dossier, make_filed, open_dossier, sample_identity, sample_profile
from archives.finding import find_people
from archives.models import DossierPage
from archives.register import Reader
from archives.services.contacts import add_contact
from archives.services.errors import DossierError
from archives.services.revealing import reveal_profile
from estates.factories import make_estate, make_unit
from estates.models import User
from tests.archives.conftest import Archive
from tests.conftest import World
from vault.models import AccessEntry


def found(user: User, text: str) -> list[tuple[str, str]]:
    return [(row.dossier.unit.code, row.who.name) for row in find_people(reader=Reader(user), text=text).rows]


@pytest.fixture
def filed(world: World, archive: Archive) -> DossierPage:
    make_dossier(world.editor, make_unit(world.estate, "1栋1单元101"), "李四", 2)
    return make_filed(world.editor, archive.archivist, world.unit)


@pytest.mark.parametrize(
    "text",
    [
        "张三",
        " 張 三 ",
        "zhangsan",
        "Zhang San",
        "zs",
        "13800000001",
        "138-0000-0001",
        "+86 138 0000 0001",
        "0001",
        sample_identity(1),
        sample_identity(1).lower(),
        "3栋2单元1201",
        "3-2-1201",
        "三栋二单元1201",
        "3号楼2单元12楼01",
        "3栋1201",
        "云栖湾 3-2-1201",
        "云栖湾张三",
        "ylw 0001",
        "YLW-DA-{year}-00001",
        "ylw-da-{year}-00001",
    ],
)
def test_one_person_by_everything_that_staff_know(world: World, filed: DossierPage, text: str) -> None:
    assert found(world.editor, text.replace("{year}", str(filed.record_date.year))) == [("3-2-1201", "张*")]


@pytest.mark.parametrize(
    "text", ["", " ", "王五", "ww", "9999", "13800000009", "张", "9栋9单元909", "' OR 1=1", "%", "0" * 500]
)
def test_what_names_nobody_finds_nobody(world: World, filed: DossierPage, text: str) -> None:
    assert found(world.editor, text) == []


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("买买提·示例", ["买买提·示例", "买买提•示例", "买买提示例", "买买提", "示例", "maimaiti", "mmtsl"]),
        ("单示例", ["单示例", "shanshili", "danshili", "ssl"]),
        ("示", ["示", "shi"]),
        ("示例一二三四五六七八九十一二三四五六七八九", ["示例一二三四五六七八九十一二三四五六七八九"]),
        ("O'Sample Zhang", ["o'sample zhang", "osamplezhang"]),
    ],
)
def test_names_of_every_shape(world: World, name: str, texts: list[str]) -> None:
    make_dossier(world.editor, world.unit, name)
    for text in texts:
        assert [code for code, _name in found(world.editor, text)] == ["3-2-1201"], text


@pytest.mark.parametrize("phone", ["+1 415 555 0100", "0571-8800 0001", "(0571)88000001", "+44 20 7946 0958"])
def test_foreign_and_fixed_phones(world: World, phone: str) -> None:
    dossier = enter(world.editor, open_dossier(world.editor, world.unit), sample_profile() | {"home_phone": phone})
    assert dossier.customer.unclear == {}
    digits = "".join(char for char in phone if char.isdigit())
    for text in (phone, phone.replace(" ", ""), digits[-4:]):
        assert found(world.editor, text) == [("3-2-1201", "张*")], text


def test_namesakes_are_told_apart_and_the_present_owner_comes_first(world: World, archive: Archive) -> None:
    make_filed(world.editor, archive.archivist, world.unit, opened_on=timezone.localdate() - timedelta(900))
    make_dossier(world.editor, world.unit, "李四", 2, is_resale=True)
    make_dossier(world.editor, make_unit(world.estate, "5栋302"), "张三", 3)
    rows = find_people(reader=Reader(world.editor), text="zs").rows
    assert [(row.dossier.unit.code, row.who.mobile, row.is_former) for row in rows] == [
        ("5-0-302", "138****0003", False),
        ("3-2-1201", "138****0001", True),
    ]
    by_unit = find_people(reader=Reader(world.editor), text="3-2-1201").rows
    assert [(row.who.name, row.is_former) for row in by_unit] == [("李*", False), ("张*", True)]


def test_a_row_says_how_complete_what_is_open_and_when_we_last_talked(world: World, filed: DossierPage) -> None:
    on = timezone.localdate() - timedelta(3)
    add_contact(reader=Reader(world.editor), dossier=filed, on=on, channel="phone", text="张三说水压偏低")
    (row,) = find_people(reader=Reader(world.editor), text="张三").rows
    assert (row.complete, row.dossier.open_gaps, row.last_contact) == (round(100 * 4 / 45), 0, on)


def test_others_see_what_is_theirs_to_see(world: World, archive: Archive, filed: DossierPage) -> None:
    assert found(world.other_editor, "张三") == []
    assert found(world.designer, "张三") == []
    assert found(archive.auditor, "张三") == []
    assert found(archive.sales, "张三") == [("3-2-1201", "张*")]
    assert found(archive.sales, "李四") == []  # not filed yet
    disabled = archive.property
    disabled.is_active = False
    assert found(disabled, "张三") == []


def test_every_person_shown_is_a_line_and_nothing_typed_is_kept(world: World, filed: DossierPage) -> None:
    before = AccessEntry.objects.count()
    find_people(reader=Reader(world.editor, "10.0.0.9"), text="13800000001")
    (line,) = AccessEntry.objects.filter(sequence__gt=before)
    told = (line.who, line.act, line.subject, line.record, line.purpose, line.count, line.address)
    assert told == (world.editor, "searched", filed.customer.subject, filed.number, "phone", 1, "10.0.0.9")
    find_people(reader=Reader(world.editor), text="王五")
    miss = AccessEntry.objects.get(sequence=line.sequence + 1)
    assert (miss.subject, miss.record, miss.purpose, miss.count) == ("", "", "", 0)


def test_a_reveal_asks_a_purpose_and_shows_what_the_role_may_see(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    for purpose in ("", "  ", "给张三送资料", "打13800000001", "联系 138 0000 0001"):
        with pytest.raises(DossierError):
            reveal_profile(reader=Reader(world.editor), dossier=filed, purpose=purpose)
    assert AccessEntry.objects.filter(act="revealed").exclude(purpose="verify").count() == 0
    shown = {s.item.code: s.value for s in reveal_profile(reader=Reader(world.editor), dossier=filed, purpose="repair")}
    assert (shown["name"], shown["mobile"], shown["identity"]) == ("张三", "13800000001", None)
    more = reveal_profile(reader=Reader(archive.archivist), dossier=filed, purpose="核对纸质档案")
    assert {s.item.code: s.value for s in more}["identity"] == sample_identity(1)
    lines = (
        AccessEntry.objects.filter(act="revealed")
        .exclude(purpose="verify")
        .order_by("sequence")
        .values_list("who", "purpose", "count")
    )
    assert list(lines) == [(world.editor.pk, "repair", 3), (archive.archivist.pk, "核对纸质档案", 4)]
    for user in (archive.sales, world.other_editor, archive.auditor, archive.director):
        with pytest.raises(PermissionDenied):
            reveal_profile(reader=Reader(user), dossier=filed, purpose="revisit")
    assert AccessEntry.objects.filter(act="revealed").exclude(purpose="verify").count() == 2


def test_a_search_over_two_estates_keeps_to_the_one_named(world: World, archive: Archive) -> None:
    make_dossier(world.editor, world.unit)
    other = make_unit(make_estate("HTY", "海棠苑"))
    make_dossier(world.other_editor, other)
    assert found(world.other_editor, "张三") == [("3-2-1201", "张*")]
    assert len(found(world.manager, "海棠苑 张三")) == 0
