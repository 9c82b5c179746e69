"""What people meet on the pages: bad input, stale tabs, registers, lists."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from archives.factories import complete, look_through, make_dossier, make_filed, open_dossier
from archives.finding import find_people
from archives.models import DossierPage, Tenure
from archives.profiles import latest_profile
from archives.register import Reader
from archives.services.entering import save_profile
from archives.services.errors import DossierError
from archives.services.reviewing import file_dossier, submit_dossier, verify_dossier
from estates.factories import make_unit
from estates.models import NumberEntry, User
from search.models import FailedQuery
from tests.acceptance.byte_scan import pdf_text
from tests.archives.conftest import Archive, build_archive
from tests.conftest import World, build_world
from vault.models import AccessEntry


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def start(client: Client, world: World, **more: str) -> object:
    form = {
        "estate": str(world.estate.pk),
        "unit_text": "3-2-1201",
        "opened_on": timezone.localdate().isoformat(),
        "tenure": "owner",
        "customer_kind": "individual",
        "need": "purchase",
        "channel": "paper",
        **more,
    }
    return client.post("/archive/new/", form)


def test_a_dossier_is_started_by_form_and_leads_to_its_data(world: World) -> None:
    answer = start(client_of(world.editor), world)
    dossier = DossierPage.objects.get()
    assert answer.headers["Location"] == f"/archive/d/{dossier.slug}/enter/"  # type: ignore[attr-defined]
    assert (dossier.unit, dossier.channel, dossier.owner) == (world.unit, "paper", world.editor)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("unit_text", "", "请填写房号"),
        ("unit_text", "哪里", "看不懂房号"),
        ("estate", "999999", "没有这个楼盘"),
        ("opened_on", "2999-01-01", "不能在今天之后"),
        ("opened_on", "昨天", "不是日期"),
    ],
)
def test_a_bad_start_says_what_is_wrong_and_keeps_what_was_typed(
    world: World, field: str, value: str, message: str
) -> None:
    page = start(client_of(world.editor), world, **{field: value, "shelf_mark": "B-7"})
    body = page.content.decode()  # type: ignore[attr-defined]
    assert (page.status_code, message in body, "B-7" in body) == (422, True, True)  # type: ignore[attr-defined]
    assert DossierPage.objects.count() == 0


def test_a_resale_is_asked_for_and_confirmed_by_a_button(world: World, archive: Archive) -> None:
    make_filed(world.editor, archive.archivist, world.unit, opened_on=timezone.localdate() - timedelta(30))
    client = client_of(world.editor)
    asked = start(client, world)
    assert (asked.status_code, "如果是转卖" in asked.content.decode()) == (422, True)  # type: ignore[attr-defined]
    assert start(client, world, is_resale="yes").status_code == 302  # type: ignore[attr-defined]
    assert Tenure.objects.count() == 2


def test_a_stale_tab_shows_both_and_saves_on_the_second_press(world: World) -> None:
    dossier = make_dossier(world.editor, world.unit)
    client, path = client_of(world.editor), f"/archive/d/{dossier.slug}/enter/"
    loaded = client.get(path).context["loaded"]
    save_profile(reader=Reader(world.manager), dossier=dossier, values={"mobile": "13900000002"})
    typed = {"asked": "name,mobile", "loaded": loaded, "item-name": "张三丰", "item-mobile": "13700000003"}
    page = client.post(path, typed)
    body = page.content.decode()
    assert page.status_code == 422
    assert "您填的内容还在，没有保存" in body
    for shown in ("张三丰", "13700000003", "13900000002"):
        assert shown in body
    assert latest_profile(DossierPage.objects.get().customer)["mobile"] == "13900000002"
    assert client.post(path, {**typed, "loaded": page.context["loaded"]}).status_code == 302
    assert latest_profile(DossierPage.objects.get().customer)["mobile"] == "13700000003"


@pytest.mark.parametrize(
    "value",
    [
        "\x00\x01\ud800",
        "\u202e张三",
        "<script>alert(1)</script>",
        "=1+1",
        "𠮷" * 80,
        "'; DROP TABLE x; --",
        "\U000e0001",
    ],
)
def test_odd_characters_are_kept_or_dropped_but_never_break_the_page(world: World, value: str) -> None:
    dossier = open_dossier(world.editor, world.unit)
    client, path = client_of(world.editor), f"/archive/d/{dossier.slug}/enter/"
    typed = {
        "asked": "name,address",
        "loaded": "0",
        "item-name": value.encode("utf-8", "surrogatepass"),
        "item-address": "示例路",
    }
    posted = client.post(path, urlencode(typed), content_type="application/x-www-form-urlencoded")
    assert posted.status_code == 302
    page = client.get(path)
    assert page.status_code == 200
    assert "<script>alert(1)</script>" not in page.content.decode()
    assert client.get(f"/archive/d/{dossier.slug}/").status_code == 200
    assert find_people(reader=Reader(world.editor), text=value).total in (0, 1)


def test_unknown_items_actions_and_numbers_are_refused_quietly(world: World, archive: Archive) -> None:
    dossier = make_dossier(world.editor, world.unit)
    client = client_of(world.editor)
    path = f"/archive/d/{dossier.slug}/"
    posted = client.post(
        f"{path}enter/", {"asked": "nothing,name", "loaded": "x", "item-nothing": "y", "item-name": "李四"}
    )
    assert posted.status_code == 422  # a form without its version is a stale one
    assert client.post(f"{path}act/", {"action": "explode"}).status_code == 404
    assert client.get("/archive/d/YLW-DA-2026-99999/").status_code == 404
    assert client.post(f"{path}act/", {"action": "confirm", "how": "signed", "on": "2999-01-01"}).status_code == 302
    assert DossierPage.objects.get().confirmed_profile == 0


def test_every_step_by_buttons(world: World, archive: Archive) -> None:
    dossier = complete(world.editor, make_dossier(world.editor, world.unit))
    editor, archivist, manager = (client_of(user) for user in (world.editor, archive.archivist, world.manager))
    path = f"/archive/d/{dossier.slug}/"
    today = timezone.localdate().isoformat()
    editor.post(f"{path}act/", {"action": "contact", "on": today, "channel": "phone", "text": "约了看房"})
    editor.post(f"{path}act/", {"action": "classify", "need": "invest", "channel": "phone", "shelf_mark": "C-1"})
    row = DossierPage.objects.get()
    assert (row.need, row.shelf_mark, row.contacts.count(), row.revisions.count()) == ("invest", "C-1", 1, 2)
    assert "约了看房" not in editor.get(path).content.decode()
    revealed = editor.post(f"{path}reveal/", {"purpose": "revisit"}).content.decode()
    assert "约了看房" in revealed
    assert "客户需求 购房 → 投资" in revealed
    assert "手机 （空） → 13800000001" in revealed
    assert "证件号码 （空）" not in revealed  # sensitive: not for an editor
    assert "示例文件.pdf" in revealed
    editor.post(f"{path}act/", {"action": "submit"})
    look_through(archive.archivist, DossierPage.objects.get())
    archivist.post(f"{path}act/", {"action": "verify"})
    filed = archivist.post(f"{path}act/", {"action": "file"}, follow=True)
    assert "已归档，档案编号 YLW-DA-" in filed.content.decode()
    assert manager.get(filed.redirect_chain[-1][0]).status_code == 200


def test_the_gap_list_says_what_for_whom_and_how_and_goes_out_as_a_sheet(world: World, archive: Archive) -> None:
    make_dossier(world.editor, world.unit)
    client = client_of(world.manager)
    body = client.get("/archive/gaps/").content.decode()
    for words in ("缺少购房合同", "录入人", "扫描后加入档案", "3栋2单元1201"):
        assert words in body
    assert "张三" not in body
    sheet = client.post("/archive/gaps/", {"estate": "YLW"})
    rows = list(load_workbook(BytesIO(sheet.content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert (rows[1][0], rows[1][2:5]) == ("3栋2单元1201", ("资料不全不放过", "缺少购房合同", "录入人"))
    assert "张三" not in str(rows)
    assert AccessEntry.objects.filter(act="exported").count() == 1
    assert client_of(world.designer).get("/archive/gaps/").status_code == 403


def test_the_auditor_reads_the_register_by_person_dossier_and_kind(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    for _ in range(2):
        client_of(archive.archivist).get(f"/archive/d/{filed.number}/")
    client_of(world.editor).post(f"/archive/d/{filed.number}/reveal/", {"purpose": "revisit"})
    auditor = client_of(archive.auditor)

    def lines(**asked: str | int) -> list[tuple[str, str]]:
        return [
            (row.act, str(row.who)) for row, _dossier, _why in auditor.get("/archive/register/", asked).context["rows"]
        ]

    assert lines(act="viewed") == [("viewed", "示例archivist")] * 2
    assert lines(act="revealed", who=world.editor.pk) == [("revealed", "示例editor")]
    assert (
        len(lines(record=str(filed.number)))
        == AccessEntry.objects.filter(record__in=[filed.number, filed.slug]).count()
    )
    assert lines(day="2001-01-01") == []
    assert auditor.get("/archive/register/", {"who": "x", "page": "99", "day": "x", "act": "x"}).status_code == 200
    assert client_of(world.editor).get("/archive/register/").status_code == 403
    assert auditor.get(f"/archive/d/{filed.number}/").status_code == 404


def test_an_archivist_reads_only_the_register_of_his_estate(world: World, archive: Archive) -> None:
    here = make_filed(world.editor, archive.archivist, world.unit)
    other = make_dossier(world.other_editor, make_unit(world.other_estate), "李四", 2)
    page = client_of(archive.archivist).get("/archive/register/")
    records = {row.record for row, _dossier, _why in page.context["rows"]}
    assert records == {here.number, here.slug}
    assert other.slug not in page.content.decode()


def test_unusual_volume_stands_out(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    client = client_of(world.editor)
    for _ in range(25):
        client.get(f"/archive/d/{filed.number}/")
    (one,) = client_of(archive.auditor).get("/archive/register/").context["unusual"]
    assert (one.who, one.day, one.count) == (world.editor, timezone.localdate(), 25)


def test_who_looked_at_my_file_is_printed_masked_and_is_a_line_itself(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    client_of(world.editor).post(f"/archive/d/{filed.number}/reveal/", {"purpose": "repair"})
    answer = client_of(archive.archivist).post(f"/archive/d/{filed.number}/readers/")
    text = "".join(pdf_text(answer.content).split())
    for words in ("谁看过我的档案", "张*", "138****0001", "客服编辑", "显示明文", "维修服务", str(filed.number)):
        assert words in text, words
    assert "13800000001" not in text
    assert "示例editor" not in text, "staff by role"
    assert AccessEntry.objects.filter(act="printed", record=filed.number).count() == 1
    assert client_of(world.editor).post(f"/archive/d/{filed.number}/readers/").status_code == 403


def test_a_name_in_the_wrong_box_is_kept_nowhere(world: World, archive: Archive) -> None:
    make_filed(world.editor, archive.archivist, world.unit)
    for user in (world.editor, world.designer):
        for text in ("张三", "zhangsan", "13800000001"):
            answer = client_of(user).post("/search/", {"q": text})
            assert (answer.status_code, answer.headers.get("Location")) == (200, None), (user, text)
            assert answer.headers["Cache-Control"] == "private, no-store"
    assert list(FailedQuery.objects.values_list("text", flat=True)) == []


@pytest.mark.django_db(transaction=True)
def test_two_archivists_at_once_file_it_once(keys: Path) -> None:
    world = build_world()
    archive = build_archive(world)
    dossier = complete(world.editor, make_dossier(world.editor, world.unit))
    submit_dossier(reader=Reader(world.editor), dossier=dossier)
    look_through(archive.archivist, dossier)
    verify_dossier(reader=Reader(archive.archivist), dossier=dossier)

    def file_it(user: User) -> str:
        try:
            return str(file_dossier(reader=Reader(user), dossier=dossier).number)
        except DossierError as error:
            return f"refused: {error}"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(file_it, [archive.archivist, archive.second_archivist]))
    number = NumberEntry.objects.get().number
    assert told[0] == number
    assert told[1].startswith("refused: ")
    assert f"已经归档，编号 {number}" in told[1]


@pytest.mark.django_db(transaction=True)
def test_of_two_sales_at_once_one_is_told(keys: Path) -> None:
    world = build_world()

    def sell(user: User) -> str:
        try:
            return open_dossier(user, world.unit).slug
        except DossierError as error:
            return f"refused: {error}"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(sell, [world.editor, world.manager]))
    assert [one.startswith("refused: ") for one in told] == [False, True]
    assert (DossierPage.objects.count(), Tenure.objects.count()) == (1, 1)
