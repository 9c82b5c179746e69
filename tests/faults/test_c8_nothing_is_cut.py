"""A text that is too long is named; none is stored shorter than it was written."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from archives.factories import make_dossier
from archives.models import Contact
from archives.profiles import latest_profile
from archives.register import Reader
from archives.services.contacts import add_contact
from archives.services.entering import save_profile
from archives.services.errors import DossierError
from archives.services.wording import purpose_words
from casebook.models import CasePage
from casebook.services.errors import CaseError
from casebook.services.wording import impersonal_words
from estates.factories import make_person
from estates.roles import Role
from exchange.import_report import problems_of
from exchange.importing import begin, go_on, start_batch
from exchange.models import ImportBatch
from tests.archives.conftest import Archive
from tests.conftest import World


def table_of_cases(world: World, content: bytes) -> ImportBatch:
    boss = make_person("boss", Role.MANAGER, department=world.company.service)
    batch = start_batch(by=boss, kind="cases", options={}, content=content)
    go_on(batch)
    go_on(begin(by=boss, batch=batch, state="writing"))
    return batch


def test_c8_six_thousand_characters_are_six_thousand(world: World, test_data: Path) -> None:
    content = (test_data / "faults" / "inputs" / "cases_long_text.csv").read_bytes()
    batch = table_of_cases(world, content)
    written = {case.source_id: case.description for case in CasePage.objects.all()}
    text = next(line for line in content.decode("utf-8-sig").splitlines() if line.startswith("t-long")).split(",")[3]
    assert (problems_of(batch), written["t-long"]) == ([], text)


def test_c8_what_is_too_long_for_a_case_is_named(world: World) -> None:
    head = "来源编号,日期,标题,问题说明,楼盘代码"
    rows = [
        f"a,2026-11-03,题,{'长' * 20_001},YLW",
        f"b,2026-11-03,{'题' * 256},漏水,YLW",
        f"{'c' * 81},2026-11-03,题,漏水,YLW",
    ]
    batch = table_of_cases(world, "\n".join([head, *rows, f"d,2026-11-03,题,{'长' * 40_000},YLW"]).encode())
    told = [(row, words) for row, _column, words in problems_of(batch)]
    assert sorted({row for row, _words in told}) == [2, 3, 4, 5]
    assert CasePage.objects.count() == 0


def test_c8_notes_and_purposes_are_refused_whole(world: World, archive: Archive) -> None:
    with pytest.raises(CaseError, match="超过 300 个字"):
        impersonal_words("长" * 301, 300)
    assert impersonal_words(" 长 ", 1) == "长"
    with pytest.raises(DossierError, match="超过 120 个字"):
        purpose_words("长" * 121, {})
    dossier, reader = make_dossier(world.editor, world.unit), Reader(world.editor)
    for note in ("长" * 1_001, "长" * 2_500):
        with pytest.raises(DossierError, match="超过 1000 个字"):
            add_contact(reader=reader, dossier=dossier, on=timezone.localdate(), channel="phone", text=note)
    assert Contact.objects.count() == 0
    before = latest_profile(dossier.customer)
    with pytest.raises(DossierError, match="“通信地址”超过"):
        save_profile(reader=reader, dossier=dossier, values={"address": "长" * 2_001})
    dossier.customer.refresh_from_db()
    assert latest_profile(dossier.customer) == before
