"""A month before handover the files are complete; fourteen days after a deed its number is there."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from archives.factories import enter, make_dossier, make_filed, open_dossier
from archives.handover_watch import count_lacking, lacking_for
from archives.models import DossierPage, Handover
from archives.profiles import latest_profile
from archives.register import Reader
from archives.services.deeds import note_deed
from archives.services.errors import DossierError
from archives.services.handing_over import plan_handover
from archives.work import archive_work
from estates.factories import make_unit
from tests.archives.conftest import Archive
from tests.conftest import World


def soon() -> date:
    return timezone.localdate() + timedelta(20)


def test_homes_without_complete_files_are_listed_for_sales_a_month_before(world: World, archive: Archive) -> None:
    make_dossier(world.editor, world.unit)
    partly = open_dossier(world.editor, make_unit(world.estate, "3栋2单元1202"))
    enter(world.editor, partly, {"name": "李四", "mobile": "138"})
    make_unit(world.estate, "3栋2单元1203")
    handover = plan_handover(by=archive.sales, estate=world.estate, building=None, begins_on=soon())
    assert [(row.unit.code, row.why) for row in lacking_for(handover)] == [
        ("3-2-1202", ["通信地址没有填写", "不像电话号码：手机 11 位，固定电话带区号，境外号码以 + 开头"]),
        ("3-2-1203", ["还没有移交客户资料"]),
    ]
    assert count_lacking(handover) == 2
    (task,) = archive_work(archive.sales)
    assert (task.heading, task.rows[0].meta, task.rows[0].due) == (
        "交房前要移交的客户资料",
        ["2 套资料不全"],
        soon() - timedelta(31),
    )
    handover = plan_handover(
        by=archive.sales, estate=world.estate, building=None, begins_on=timezone.localdate() + timedelta(60)
    )
    assert (archive_work(archive.sales), Handover.objects.count()) == ([], 1)


def test_others_plan_nothing(world: World, archive: Archive) -> None:
    for person in (archive.property, world.other_editor, archive.auditor):
        with pytest.raises(PermissionDenied):
            plan_handover(by=person, estate=world.estate, building=None, begins_on=soon())
    assert Handover.objects.count() == 0


def test_the_page_plans_and_the_sheet_goes_back_to_sales(world: World, archive: Archive) -> None:
    client = Client()
    client.force_login(archive.sales)
    client.post(reverse("archives:handovers"), {"place": world.unit.building_id, "begins_on": soon().isoformat()})
    handover = Handover.objects.get()
    assert handover.building == world.unit.building
    assert "还没有移交客户资料" in client.get(reverse("archives:handover", args=[handover.pk])).content.decode()
    sheet = client.post(reverse("archives:handover", args=[handover.pk]))
    rows = load_workbook(BytesIO(sheet.content)).worksheets[0].values
    assert list(rows)[1] == ("3栋2单元1201", None, "还没有移交客户资料")
    client.post(reverse("archives:handovers"), {"cancel": handover.pk})
    assert Handover.objects.count() == 0


def test_a_deed_waits_for_its_number_and_needs_no_change_request(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit, opened_on=timezone.localdate() - timedelta(90))
    done = timezone.localdate() - timedelta(20)
    note_deed(reader=Reader(world.editor), dossier=filed, on=done)
    (task,) = archive_work(world.editor)
    assert (task.heading, task.rows[0].due) == ("办证后要补的产权证号", done + timedelta(14))
    note_deed(reader=Reader(world.editor), dossier=filed, on=done, number="示例房权证0001号")
    fresh = DossierPage.objects.get(pk=filed.pk)
    assert latest_profile(fresh.customer)["deed_number"] == "示例房权证0001号"
    assert (fresh.confirmed_profile, fresh.verified_profile, fresh.customer.latest) == (2, 2, 2)
    assert archive_work(world.editor) == []


def test_a_deed_before_the_contract_or_in_the_future_is_refused(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    for day in (timezone.localdate() - timedelta(1), timezone.localdate() + timedelta(1)):
        with pytest.raises(DossierError, match="办证日期"):
            note_deed(reader=Reader(world.editor), dossier=filed, on=day, number="1")
    assert "deed_number" not in latest_profile(filed.customer)
