"""What the sender did not say is asked for, not made up."""

from __future__ import annotations

from archives.models import DossierPage, Tenure
from exchange.import_report import problems_of
from exchange.importing import begin, go_on, start_batch
from exchange.models import ImportBatch
from tests.archives.conftest import Archive
from tests.conftest import World

HEAD = "房号,客户姓名,手机,通讯地址,签约日期,客户类型,面积,户型"


def sent(world: World, archive: Archive, *rows: str) -> ImportBatch:
    content = "\n".join([HEAD, *rows]).encode()
    batch = start_batch(by=archive.sales, kind="handover", options={"estate": world.estate.pk}, content=content)
    go_on(batch)
    return batch


def row(
    number: int, *, day: str = "2026-10-01", name: str = "张三", kind: str = "", area: str = "", rest: str = ""
) -> str:
    return f"91-1-{number},{name},138000000{number % 100:02},示例市示例路{number}号,{day},{kind},{area},{rest}"


def test_c10_an_empty_day_of_signing_is_asked_for(world: World, archive: Archive) -> None:
    batch = sent(world, archive, row(101, day=""), row(102), row(103, day="0026-10-01"), "91-1-104,,,,,,,")
    assert problems_of(batch) == [
        (2, "签约日期", "没有填写签约日期"),
        (4, "签约日期", "签约日期不像真的：应在 1980 年以后"),
    ]
    go_on(begin(by=archive.sales, batch=batch, state="writing"))
    assert [str(one.unit.code) for one in DossierPage.objects.all()] == ["91-1-102"]
    assert Tenure.objects.get().opened_on.isoformat() == "2026-10-01"


def test_c10_a_company_without_its_type_is_asked_for(world: World, archive: Archive) -> None:
    batch = sent(world, archive, row(101, name="示例置业有限公司"), row(102, name="示例置业有限公司", kind="企业"))
    assert [(number, column) for number, column, _words in problems_of(batch)] == [(2, "客户类型")]


def test_c8_nothing_of_a_row_is_cut_or_rounded(world: World, archive: Archive) -> None:
    rows = [
        row(101, area="88.005"),
        row(102, area="88.50"),
        row(103, rest="三" * 41),
        row(104, name="示" * 81),
    ]
    told = problems_of(sent(world, archive, *rows))
    assert [(number, column) for number, column, _words in told] == [
        (2, "面积（m²）"),
        (4, "户型"),
        (5, "姓名或企业名称"),
    ]
