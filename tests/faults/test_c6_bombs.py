"""Tables made to hurt are refused in words, and ours never holds what they unpack to."""

from __future__ import annotations

import resource
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse

from exchange import reading as reading_module
from exchange.import_report import refusal_of
from exchange.importing import drop_batch, go_on, start_batch
from exchange.models import ImportBatch, ImportChunk, ImportFile
from exchange.reading import reading
from exchange.tables import Column, TableError, Unreadable
from tests.archives.conftest import Archive
from tests.conftest import World
from tests.faults import bombs
from vault.data_keys import KeyDestroyed, key_of

COLUMNS = [Column("unit", "房号", required=True), Column("name", "客户姓名"), Column("address", "通讯地址")]


def refused(content: bytes) -> str:
    with pytest.raises(Unreadable) as told, reading(content, COLUMNS) as table:
        list(table.rows)
    return told.value.code


def test_c6_the_merged_sheet_is_refused_by_the_worker_and_nothing_of_it_stays(
    world: World, archive: Archive, test_data: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    content = (test_data / "faults" / "inputs" / "xlsx_merge_A5_XFD1048576.xlsx").read_bytes()
    client = Client()
    client.force_login(archive.sales)
    file = BytesIO(content)
    file.name = "表.xlsx"
    with django_capture_on_commit_callbacks(execute=True):
        sent = client.post(reverse("exchange:send-in", args=["handover"]), {"estate": world.estate.pk, "table": file})
    page = client.get(sent["Location"]).content.decode()
    assert "合并单元格 A5:XFD1048576 太大" in page
    batch = ImportBatch.objects.get()
    assert (batch.state, ImportFile.objects.count(), ImportChunk.objects.count()) == ("refused", 0, 0)
    with pytest.raises(KeyDestroyed):
        key_of(batch.subject)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: bombs.many_merges(30_000), "merges"),
        (lambda: bombs.shared_strings(2_000_001), "too_much"),
        (lambda: bombs.one_string_often(1_000), "too_much"),
        (lambda: bombs.blanks(650_000_000), "too_much"),
        (lambda: bombs.entries(6_000), "too_much"),
        (lambda: bombs.wide_rows(20), ""),
        (bombs.far_row, "broken"),
        (bombs.entities, "broken"),
        (lambda: bombs.csv_of("x", 2_000_000), "long_line"),
        (lambda: bombs.csv_of('"x\n', 30_000), "quotes"),
        (lambda: bombs.csv_of(",", 2_000_000), "long_line"),
        (lambda: bombs.csv_of("\n", 2_000_000), "too_many_rows"),
        (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 99, "old_format"),
        (lambda: b"%PDF-1.7", "other_format"),
        (lambda: b"PK\x03\x04" + b"\0" * 99, "broken"),
    ],
    ids=range(15),
)
def test_c6_each_bomb_has_its_words(make: Callable[[], bytes], code: str) -> None:
    content = make()
    if code:
        assert refused(content) == code
    else:
        with reading(content, COLUMNS) as table:
            assert len(list(table.rows)) == 21


def test_c6_memory_and_time_of_the_reader_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused(bombs.blanks(580_000_000)) == "too_costly"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000
    monkeypatch.setattr(reading_module, "SECONDS", 0.2)
    assert refused(bombs.wide_rows(20_000)) == "too_costly"


def test_g7_the_web_process_reads_no_table(world: World, archive: Archive) -> None:
    """Only the first bytes are looked at before the worker has it; they are refused without a batch."""
    content = bombs.shared_strings(100)
    with patch("exchange.importing.go_on"), patch("exchange.reading_in.reading") as opened:
        batch = start_batch(by=archive.sales, kind="handover", options={"estate": world.estate.pk}, content=content)
    assert (batch.state, opened.call_count, ImportFile.objects.get().opened()) == ("reading", 0, content)
    with pytest.raises(TableError, match="XLS"):
        start_batch(by=archive.sales, kind="handover", options={"estate": world.estate.pk}, content=b"\xd0\xcf\x11\xe0")
    drop_batch(by=archive.sales, batch=batch)
    assert (ImportFile.objects.count(), ImportBatch.objects.get().state) == (0, "dropped")
    go_on(batch)
    assert ImportBatch.objects.get().state == "dropped"


def test_c6_a_file_whose_keys_are_gone_is_said(world: World, archive: Archive) -> None:
    batch = start_batch(
        by=archive.sales, kind="handover", options={"estate": world.estate.pk}, content=bombs.shared_strings(1)
    )
    ImportFile.objects.update(sealed=b"spoiled")
    go_on(batch)
    assert (batch.state, "密钥" in refusal_of(batch)) == ("refused", True)
