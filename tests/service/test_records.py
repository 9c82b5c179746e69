"""Milestones and activities: kept by customer service of the estate, read by those around it."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from service.models import Activity, Milestone
from service.services.recording import keep_milestone
from tests.conftest import World

ASKED = {"kind": "topping_out", "buildings": "3栋", "day": "2026-11-08", "note": "早五天"}


def test_an_editor_records_changes_and_deletes(world: World, client: Client) -> None:
    client.force_login(world.editor)
    assert "还没有节点。" in client.get("/service/").content.decode()
    assert client.post("/service/milestones/new/", ASKED | {"estate": world.estate.pk}).status_code == 302
    row = Milestone.objects.get()
    assert (row.words, row.day, row.recorded_by) == ("3栋封顶", date(2026, 11, 8), world.editor)
    address = f"/service/milestones/{row.pk}/"
    changed = ASKED | {"estate": world.estate.pk, "kind": "handover"}
    assert client.post(address, changed).status_code == 302
    assert Milestone.objects.get().words == "3栋交付"
    assert client.post(address, {"delete": "1"}).status_code == 302
    assert not Milestone.objects.exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"day": ""}, "请填写日期。", id="no day"),
        pytest.param({"day": "昨天"}, "请写成 2026-11-23。", id="no date"),
        pytest.param({"kind": ""}, "请选择节点。", id="no kind"),
        pytest.param({"estate": ""}, "请选择楼盘。", id="no estate"),
    ],
)
def test_bad_input_is_answered_and_kept(world: World, client: Client, changes: dict[str, str], told: str) -> None:
    client.force_login(world.editor)
    answer = client.post("/service/milestones/new/", ASKED | {"estate": str(world.estate.pk)} | changes)
    html = answer.content.decode()
    assert (answer.status_code, told in html, "早五天" in html) == (422, True, True)
    assert not Milestone.objects.exists()


def test_records_of_an_estate_are_its_own_editors(world: World, client: Client) -> None:
    row = Milestone(estate=world.estate, kind="handover", day=date(2026, 11, 1))
    with pytest.raises(PermissionDenied):
        keep_milestone(milestone=row, by=world.other_editor)
    keep_milestone(milestone=row, by=world.editor)
    address = f"/service/milestones/{row.pk}/"
    client.force_login(world.other_editor)
    assert client.get(address).status_code == 404
    assert client.post(address, {"delete": "1"}).status_code == 404
    client.force_login(world.designer)
    assert client.post(address, {"delete": "1"}).status_code == 403
    assert client.get("/service/").status_code == 403
    assert Milestone.objects.count() == 1


def test_an_activity_of_the_whole_company_is_everybodys(world: World, client: Client) -> None:
    client.force_login(world.editor)
    asked = {"theme": "亲子植树", "day": "2026-11-15", "place": "花园", "report": "", "estate": ""}
    assert client.post("/service/activities/new/", asked).status_code == 302
    assert Activity.objects.get().estate is None
    client.force_login(world.other_editor)
    assert "亲子植树" in client.get("/service/").content.decode()
