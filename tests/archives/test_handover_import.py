"""What sales hands over: checked, written, handed back, taken back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archives.factories import attach, make_dossier, open_dossier
from archives.finding import find_people
from archives.handover_samples import HEADINGS, sample_row, sample_rows, sample_table
from archives.models import Customer, DossierPage, Tenure
from archives.profiles import latest_profile
from archives.register import Reader
from archives.services.entering import save_profile
from archives.template import template_in_force
from estates.factories import make_unit
from estates.models import Unit, User
from exchange.import_report import problems_of, refusal_of, sheet_of_problems, tally
from exchange.importing import begin, check_batch, drop_batch, forget_rows, go_on, start_batch
from exchange.models import ImportBatch, ImportFile
from exchange.spreadsheets import workbook
from exchange.tables import TableError
from tests.archives.conftest import Archive
from tests.conftest import World
from vault.data_keys import KeyDestroyed, KeyUnknown, key_of
from vault.keyring import forget_keys
from vault.models import AccessEntry
from vault.register import verify_register
from vault.site_keys import check_site_keys

ROWS = int(os.environ.get("SOAK_ROWS", "1000"))
"""`make soak` sends in 50,000."""

MOVING = ("vault_accessentry", "vault_registerhead", "exchange_importbatch", "exchange_importchunk")
"""Tables that keep what was done; and SQLite's own."""


def send(by: User, world: World, rows: Sequence[Sequence[str]], *, write: bool = True) -> ImportBatch:
    batch = start_batch(by=by, kind="handover", options={"estate": world.estate.pk}, content=sample_table(rows))
    check_batch(batch)
    batch.refresh_from_db()
    if write:
        go_on(begin(by=by, batch=batch, state="writing"))
        batch.refresh_from_db()
    return batch


def undo(by: User, batch: ImportBatch) -> ImportBatch:
    go_on(begin(by=by, batch=batch, state="undoing"))
    batch.refresh_from_db()
    return batch


def every_row() -> dict[str, list[tuple[object, ...]]]:
    """Everything that the database holds, but for what keeps what was done."""
    with connection.cursor() as cursor:
        names = [n for n in connection.introspection.table_names(cursor) if n not in MOVING and "fts" not in n]
        told = {}
        for name in names:
            cursor.execute(f'SELECT * FROM "{name}"')
            told[name] = sorted(cursor.fetchall(), key=repr)
    return told


def test_a_dry_run_says_what_is_wrong_and_writes_nothing(world: World, archive: Archive) -> None:
    template_in_force()
    check_site_keys()  # the database gets to know its keys when they are first used
    before = every_row()
    batch = send(archive.sales, world, list(sample_rows(50, 5)), write=False)
    assert every_row() == before
    assert (batch.state, tally(batch).bad) == ("checked", 5)
    assert problems_of(batch) == [
        (2, "房号", "看不懂房号，请写成 3栋2单元1201 或 3-2-1201"),
        (12, "手机", "不像电话号码：手机 11 位，固定电话带区号，境外号码以 + 开头"),
        (22, "通信地址", "没有填写通信地址"),
        (32, "证件号码", "校验位不对，请核对每一位"),
        (42, "签约日期", "不是日期，请写成 2026-11-23"),
    ]


def test_a_row_becomes_what_an_editor_would_have_entered(world: World, archive: Archive) -> None:
    send(world.editor, world, [sample_row(0)])
    imported = DossierPage.objects.select_related("tenure", "customer").get()
    by_hand = open_dossier(world.editor, make_unit(world.estate, "9栋1单元101"), opened_on=imported.tenure.opened_on)
    save_profile(reader=Reader(world.editor), dossier=by_hand, values=latest_profile(imported.customer))
    by_hand.refresh_from_db()
    same = (
        "state",
        "need",
        "channel",
        "record_date",
        "open_gaps",
        "owner_id",
        "live",
        "has_unpublished_changes",
        "depth",
    )
    assert {name: getattr(imported, name) for name in same} == {name: getattr(by_hand, name) for name in same}
    assert imported.get_parent() == by_hand.get_parent()
    assert imported.latest_revision.as_object().title == imported.title
    for name in ("latest", "filled", "unclear", "kind"):
        assert getattr(imported.customer, name) == getattr(Customer.objects.get(pk=by_hand.customer_id), name)
    steps = [list(one.steps.order_by("pk").values_list("step", "detail", "by")) for one in (imported, by_hand)]
    assert steps[0] == steps[1]
    lines = [
        list(AccessEntry.objects.filter(record=one.slug).order_by("sequence").values_list("act", "purpose", "count"))
        for one in (imported, by_hand)
    ]
    assert lines[0] == lines[1]
    assert (imported.tenure.handover_on.isoformat(), imported.unit.unit_type) == ("2026-12-20", "三室两厅")
    assert find_people(reader=Reader(world.editor), text="13800000000").total == 2


def test_rows_to_correct_come_back_as_a_sheet_and_go_in_again(world: World, archive: Archive) -> None:
    rows = list(sample_rows(60, 5))
    batch = send(archive.sales, world, rows)
    assert (batch.state, tally(batch).made, DossierPage.objects.count()) == ("written", 55, 55)
    again = start_batch(
        by=archive.sales, kind="handover", options={"estate": world.estate.pk}, content=sheet_of_problems(batch)
    )
    check_batch(again)
    assert (again.rows, again.ignored) == (5, ["问题"])
    assert tally(again).bad == 5
    corrected = [sample_row(number) for number in range(60)]
    whole = send(archive.sales, world, corrected)
    assert (tally(whole).bad, tally(whole).known, tally(whole).made) == (0, 55, 5)
    assert DossierPage.objects.count() == Tenure.objects.count() == 60


def test_the_same_file_twice_is_said_and_changes_nothing(world: World, archive: Archive) -> None:
    send(archive.sales, world, list(sample_rows(5)))
    before = every_row()
    saved_again = workbook("另存", [(heading, 9) for heading in HEADINGS], list(sample_rows(5)))
    again = start_batch(by=archive.sales, kind="handover", options={"estate": world.estate.pk}, content=saved_again)
    check_batch(again)
    assert (again.state, again.rows, "已由" in refusal_of(again)) == ("refused", 0, True)
    assert every_row() == before
    assert (ImportBatch.objects.count(), ImportFile.objects.count()) == (2, 0)


def test_taken_back_the_database_is_as_it_was(world: World, archive: Archive) -> None:
    make_dossier(world.editor, make_unit(world.estate, "901栋1单元101"))
    before = every_row()
    batch = send(archive.sales, world, list(sample_rows(ROWS, ROWS * 3 // 100)))
    good = ROWS - ROWS * 3 // 100
    assert (tally(batch).made, DossierPage.objects.count()) == (good, good + 1)
    subjects = list(Customer.objects.order_by("-pk").values_list("subject", flat=True))[:3]
    undo(archive.sales, batch)
    assert (batch.state, tally(batch).kept) == ("undone", 0)
    assert every_row() == before
    for subject in subjects:
        with pytest.raises(KeyDestroyed):
            key_of(subject)
    assert not verify_register().broken
    send(archive.sales, world, list(sample_rows(3)))
    assert DossierPage.objects.count() == 4


def test_a_dossier_that_somebody_went_on_with_stays(world: World, archive: Archive) -> None:
    batch = send(archive.sales, world, list(sample_rows(3)))
    first, second, third = DossierPage.objects.order_by("pk")
    attach(world.editor, first, "contract")
    save_profile(reader=Reader(world.editor), dossier=second, values={"sex": "男"})
    undo(archive.sales, batch)
    assert set(DossierPage.objects.values_list("pk", flat=True)) == {first.pk, second.pk}
    assert tally(batch).kept == 2
    assert Unit.objects.filter(pk__in=[first.unit_id, second.unit_id, third.unit_id]).count() == 2
    assert latest_profile(second.customer)["name"] == sample_row(1)[1]


def test_a_home_of_somebody_else_twice_in_the_file_or_sold_before_is_refused(world: World, archive: Archive) -> None:
    taken = make_dossier(world.editor, make_unit(world.estate, "1栋1单元101"), "孙示例", 77)
    Tenure.objects.create(unit=make_unit(world.estate, "1栋1单元103"), opened_on="2026-01-01", closed_on="2026-02-01")
    rows = [sample_row(number) for number in (0, 1, 1, 2)]
    batch = send(archive.sales, world, rows)
    assert problems_of(batch) == [
        (2, "房号", "这套房已有另一位业主的档案；转卖请单独办理"),
        (4, "房号", "和第 3 行是同一套房"),
        (5, "签约日期", "签约日期在以前业主的产权期之内"),
    ]
    assert latest_profile(taken.customer)["name"] == "孙示例"
    assert DossierPage.objects.count() == 2


def test_a_home_without_customer_enters_the_list_of_homes(world: World, archive: Archive) -> None:
    row = sample_row(7)
    batch = send(archive.sales, world, [[row[0], "", "", "", "", "", "", "两室", "80"]])
    unit = Unit.objects.get(estate=world.estate, code="1-1-204")
    assert (unit.is_registered, unit.unit_type, str(unit.area), DossierPage.objects.count()) == (
        True,
        "两室",
        "80.00",
        0,
    )
    undo(archive.sales, batch)
    assert not Unit.objects.filter(pk=unit.pk).exists()


def test_only_those_who_hand_over_on_the_estate_may(world: World, archive: Archive) -> None:
    for person in (archive.auditor, world.designer, world.other_editor, archive.property):
        with pytest.raises(PermissionDenied):
            send(person, world, [sample_row(0)])
    assert ImportBatch.objects.count() == 0


def test_the_rows_sent_in_can_be_read_no_more_after_a_month(world: World, archive: Archive) -> None:
    batch = send(archive.sales, world, list(sample_rows(10, 2)))
    assert forget_rows() == 0
    ImportBatch.objects.update(settled_at=timezone.now() - timedelta(31))
    assert forget_rows() == 1
    with pytest.raises((KeyDestroyed, KeyUnknown)):
        key_of(batch.subject)
    batch.refresh_from_db()
    assert (batch.is_readable, bytes(batch.chunks.get().sealed)) == (False, b"")
    assert DossierPage.objects.count() == 8


def test_the_pages_send_in_check_write_hand_back_and_undo(world: World, archive: Archive) -> None:
    client = Client()
    client.force_login(archive.sales)
    assert "交房客户移交表" in client.get(reverse("exchange:imports")).content.decode()
    address = reverse("exchange:send-in", args=["handover"])
    assert client.get(reverse("exchange:blank", args=["handover"])).status_code == 200

    def upload(content: bytes, name: str = "表.xlsx") -> BytesIO:
        file = BytesIO(content)
        file.name = name
        return file

    bad = client.post(address, {"estate": world.estate.pk, "table": upload(b"nonsense")})
    told = client.get(bad["Location"]).content.decode()
    assert "找不到这些列：房号、" in told
    assert address in told
    ImportBatch.objects.all().delete()
    sent = client.post(address, {"estate": world.estate.pk, "table": upload(sample_table(list(sample_rows(20, 2))))})
    batch = ImportBatch.objects.get()
    assert sent["Location"] == reverse("exchange:batch", args=[batch.pk])
    page = client.get(sent["Location"]).content.decode()
    assert "写入无误的 18 行" in page
    assert "13800000001" not in page
    client.post(sent["Location"], {"action": "write"})
    assert DossierPage.objects.count() == 18
    sheet = client.post(reverse("exchange:problems", args=[batch.pk]))
    assert sheet["Content-Type"].startswith("application/vnd")
    line = AccessEntry.objects.order_by("sequence").last()
    assert line is not None
    assert (line.act, line.record, line.count) == ("exported", f"import-{batch.pk}", 2)
    client.post(sent["Location"], {"action": "undo"})
    assert DossierPage.objects.count() == 0
    outsider = Client()
    outsider.force_login(world.other_editor)
    assert outsider.get(sent["Location"]).status_code == 404
    assert outsider.post(reverse("exchange:problems", args=[batch.pk])).status_code == 404


def test_an_import_that_was_cut_off_goes_on_by_command(world: World, archive: Archive) -> None:
    batch = send(archive.sales, world, list(sample_rows(30)), write=False)
    begin(by=archive.sales, batch=batch, state="writing")
    call_command("go_on_imports")
    batch.refresh_from_db()
    assert (batch.state, tally(batch).made, DossierPage.objects.count()) == ("written", 30, 30)


def test_a_batch_given_up_can_be_read_no_more(world: World, archive: Archive) -> None:
    batch = send(archive.sales, world, list(sample_rows(3)), write=False)
    with pytest.raises(PermissionDenied):
        drop_batch(by=world.other_editor, batch=batch)
    with transaction.atomic():
        drop_batch(by=archive.sales, batch=batch)
    assert (ImportBatch.objects.get().state, batch.chunks.count()) == ("dropped", 0)
    with pytest.raises(TableError, match="已放弃"):
        begin(by=archive.sales, batch=batch, state="writing")


def test_without_the_keys_an_import_says_so(world: World, archive: Archive, keys: Path) -> None:
    (keys / "seal.json").unlink()
    forget_keys()
    client = Client()
    client.force_login(archive.sales)
    file = BytesIO(sample_table([sample_row(1)]))
    file.name = "x.xlsx"
    sent = client.post(reverse("exchange:send-in", args=["handover"]), {"estate": world.estate.pk, "table": file})
    assert (sent.status_code, "密钥" in sent.content.decode()) == (422, True)
    assert ImportBatch.objects.count() == 0
