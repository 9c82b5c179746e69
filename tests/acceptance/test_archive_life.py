"""What happens to dossiers after they were filed, in a real browser on a site of its own: a change, a resale, a list
from sales, a merge undone, a loan outside, a disposal, a person's request. Then every byte is looked at.
"""

from __future__ import annotations

import re
import time
from io import BytesIO
from pathlib import Path

import pypdfium2
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from exchange.spreadsheets import workbook
from media.factories import draw_sheets
from tests.acceptance.byte_scan import hits, needles, scan_folder
from tests.acceptance.conftest import press, snap
from tests.acceptance.own_site import (
    SECONDS,
    Desk,
    Secrets,
    Site,
    dump_database,
    fetch_bucket,
    file_dossier,
    open_desk,
    open_dossier,
    production_site,
    sqlite_site,
)
from tests.cms.test_production_shape import database

__all__ = ["database", "production_site", "sqlite_site"]
PDF = "application/pdf"
TENANTS = """
from datetime import date
from archives.factories import make_filed
from archives.models import Tenure
from estates.models import Estate, User
from estates.factories import make_unit
estate = Estate.objects.get(code="YLW")
editor, archivist = (User.objects.get(username=name) for name in ("editor", "archivist"))
for place, name in enumerate(("示例甲", "示例乙", "示例丙"), 1):
    unit = make_unit(estate, f"9栋1单元{place}01")
    filed = make_filed(editor, archivist, unit, name, 40 + place, tenure="tenant", opened_on=date(2001, 1, 1))
    Tenure.objects.filter(pk=filed.tenure_id).update(closed_on=date(2010, 6, 30))
"""


def enter(desk: Desk, secret: Secrets, day: str, *, resale: bool = False) -> str:
    """The editor opens a dossier for 3栋2单元1201 and enters the customer. Returns its address."""
    page = open_dossier(desk, since=day)
    if resale:
        expect(page.get_by_text("已有业主的档案")).to_be_visible()
        press(page, "是转卖，原产权期到这一天结束")
    for item, value in (("name", secret.name), ("identity", secret.identity), ("mobile", secret.phone)):
        page.fill(f"#i-{item}", value)
    page.fill("#i-address", secret.address)
    press(page, "保存并返回")
    return page.url.removeprefix(desk.site.address)


def file_it(desk: Desk, address: str) -> str:
    page = desk.page
    for kind in ("contract", "identity", "consent"):
        page.select_option(".add-document [name=kind]", kind)
        page.set_input_files(".add-document [name=document]", upload("扫描.pdf"))  # type: ignore[arg-type]
        press(page, "加入文件")
    page.get_by_text("记录客户确认").first.click()
    press(page, "记录")
    press(page, "提交审核归档")
    desk.sign_in("archivist")
    return file_dossier(desk, address)


def upload(name: str) -> dict[str, object]:
    return {"name": name, "mimeType": PDF, "buffer": draw_sheets("示例")}


def change(desk: Desk, secret: Secrets, number: str, pictures: Path | None) -> None:
    """A change arrives with its form, has too little evidence, is proved, and approved by another person."""
    page = desk.sign_in("editor")
    page.goto(f"{desk.site.address}/archive/d/{number}/")
    page.get_by_role("link", name="受理变更申请").click()
    page.wait_for_load_state()
    assert secret.phone not in page.content()
    page.set_input_files("#document", upload(f"{secret.name}变更.pdf"))  # type: ignore[arg-type]
    page.fill("#proof-phone", "13100000000")
    page.fill("#proof-unit", "三栋二单元1201")
    page.locator("summary", has_text="基本信息").click()
    page.fill("#i-mobile", secret.second_phone[:7])
    press(page, "提交变更申请")
    expect(page.get_by_text("不像电话号码").first).to_be_visible()
    page.fill("#i-mobile", secret.second_phone)
    press(page, "提交变更申请")  # the chosen file is still there
    expect(page.get_by_text("身份核验不足").first).to_be_visible()
    snap(page, pictures, "change-weak")
    page.fill("#proof-identity", secret.identity)
    page.fill("#proof-unit", "3-2-1201")
    press(page, "再次核验")
    expect(page.get_by_text("身份核验通过")).to_be_visible()
    assert secret.second_phone not in page.content()
    desk.sign_in("manager")
    page.locator("section", has_text="资料变更申请").get_by_role("link").first.click()
    expect(page.locator("table.before-after")).to_contain_text(secret.phone)
    expect(page.locator("table.before-after")).to_contain_text(secret.second_phone)
    snap(page, pictures, "change-before-after")
    press(page, "同意变更")
    expect(page.get_by_text("已变更，新的一版已经生效")).to_be_visible()
    assert desk.fetch(f"{page.url.removeprefix(desk.site.address)}receipt/").startswith(b"%PDF-")
    page.goto(f"{desk.site.address}/archive/d/{number}/")
    reveal(page, "处理投诉")
    expect(page.locator(".timeline")).to_contain_text(f"{secret.phone} → {secret.second_phone}")


def reveal(page: Page, purpose: str) -> None:
    page.get_by_text("显示明文").first.click()
    press(page, purpose)


def resell(desk: Desk, number: str, buyer: Secrets) -> str:
    address = enter(desk, buyer, "2026-03-01", resale=True)
    page = desk.page
    page.goto(f"{desk.site.address}/archive/d/{number}/")
    expect(page.get_by_text("这位是以前的业主")).to_be_visible()
    return address


def hand_over(desk: Desk, buyer: Secrets) -> None:
    """Sales sends the buyer again, from another list, with another home; and a row that cannot be used."""
    page = desk.sign_in("sales")
    page.goto(f"{desk.site.address}/imports/new/handover/")
    page.select_option("#estate", label="云栖湾")
    headings = [(name, 18) for name in ("房号", "客户姓名", "手机", "通讯地址", "签约日期")]
    rows = [
        ["2栋3单元1201", buyer.name, buyer.phone, buyer.second_address, "2026-03-01"],
        ["三栋之一", buyer.name, buyer.phone, buyer.address, "2026-03-01"],
    ]
    table = {
        "name": f"{buyer.name}.xlsx",
        "mimeType": "application/octet-stream",
        "buffer": workbook("表", headings, rows),
    }
    page.set_input_files("#table", table)  # type: ignore[arg-type]
    press(page, "上传并检查")
    expect(page.get_by_text("看不懂房号")).to_be_visible(timeout=SECONDS * 1000)
    assert buyer.name not in page.content()
    sheet = desk.fetch(f"{page.url.partition('?')[0].removeprefix(desk.site.address)}problems/")
    handed_back = list(load_workbook(BytesIO(sheet)).worksheets[0].values)
    assert handed_back[1][:2] == ("房号：看不懂房号，请写成 3栋2单元1201 或 3-2-1201", "三栋之一")
    press(page, "写入无误的 1 行")
    expect(page.get_by_text("撤回这一批")).to_be_visible(timeout=SECONDS * 1000)


def merge_and_undo(desk: Desk, buyer: Secrets, kept: str, pictures: Path | None) -> None:
    page = desk.sign_in("archivist")
    page.goto(f"{desk.site.address}/archive/duplicates/")
    press(page, "现在查找")
    expect(page.get_by_text("电话相同")).to_be_visible()
    assert buyer.name not in page.content()
    page.get_by_role("link", name="比较").click()
    page.wait_for_load_state()
    expect(page.locator("tr.differs")).to_have_count(1)
    page.locator("tr.differs input[value=other]").check()
    page.fill("[name=reason]", f"{buyer.name}本人来电说明")
    snap(page, pictures, "merge")
    press(page, "合并为一份")
    assert page.url == f"{desk.site.address}{kept}"
    reveal(page, "处理投诉")
    expect(page.get_by_text(buyer.second_address).first).to_be_visible()
    page.goto(f"{desk.site.address}{kept}")
    page.get_by_text("撤销合并").first.click()
    press(page, "撤销合并")
    expect(page.get_by_text("已撤销合并，两份档案都在")).to_be_visible()
    reveal(page, "处理投诉")
    expect(page.locator("dl.profile")).to_contain_text(buyer.address)


def lend_outside(desk: Desk, secret: Secrets, number: str) -> None:
    """The archivist alone is not enough."""
    page = desk.sign_in("editor")
    page.goto(f"{desk.site.address}/archive/d/{number}/")
    page.get_by_text("申请借阅").first.click()
    page.locator("input[type=checkbox][name=document]").first.check()
    page.fill("input[name=purpose]", "核对合同条款")
    page.fill("[name=due_on]", time.strftime("%Y-%m-%d"))
    page.fill("[name=borrower]", "")
    page.fill("[name=outside]", f"{secret.name}的律师")
    press(page, "申请")
    for username, state in (("archivist", "待分管领导批准"), ("director", "借出中")):
        desk.sign_in(username)
        page.goto(f"{desk.site.address}/archive/loans/")
        press(page, "同意")
        expect(page.get_by_text(state).first).to_be_visible()


def dispose(desk: Desk, pictures: Path | None) -> None:
    """Three tenants whose time is over: one kept by decision, one held at the last moment, one destroyed."""
    desk.site.manage("shell", "-v0", "-c", TENANTS)
    page = desk.sign_in("archivist")
    page.goto(f"{desk.site.address}/archive/disposals/")
    page.select_option("[name=estate]", label="云栖湾")
    press(page, "编制清册")
    listed, rows = page.url, page.locator("tbody tr")
    expect(rows).to_have_count(3)
    for username, choices in (("archivist", ("destroy",) * 3), ("manager", ("keep", "destroy", "destroy"))):
        desk.sign_in(username)
        page.goto(listed)
        for place, choice in enumerate(choices):
            rows.nth(place).locator("select").select_option(choice)
        press(page, "保存决定")
    desk.sign_in("director")
    held = rows_address(page, listed, 1)
    page.goto(held)
    page.locator("aside").get_by_text("暂停销毁", exact=True).first.click()
    page.fill("aside [name=reason]", "示例案号 1 号诉讼")
    press(page, "暂停销毁")
    desk.sign_in("archivist")
    page.goto(listed)
    expect(rows.nth(1)).to_contain_text("暂停销毁中")
    page.get_by_text("执行销毁").first.click()
    press(page, "执行销毁")
    for place, fate in enumerate(("决定继续保管", "暂停销毁中，保留", "已销毁")):
        expect(rows.nth(place)).to_contain_text(fate)
    snap(page, pictures, "disposal")
    certificate = desk.fetch(f"{listed.removeprefix(desk.site.address)}certificate/")
    assert "已销毁" in text_of(certificate)
    for place, shown in enumerate(("示*", "示*", "按清册")):
        page.goto(rows_address(page, listed, place))
        expect(page.locator("main")).to_contain_text(shown)
    snap(page, pictures, "tombstone")


def rows_address(page: Page, listed: str, place: int) -> str:
    page.goto(listed)
    address = page.locator("tbody tr").nth(place).get_by_role("link").first.get_attribute("href")
    return f"{listed.split('/archive/', maxsplit=1)[0]}{address}"


def text_of(pdf: bytes) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def ask_for_a_copy(desk: Desk, secret: Secrets, number: str, pictures: Path | None) -> None:
    page = desk.sign_in("property")
    page.goto(f"{desk.site.address}/archive/d/{number}/request/")
    page.fill("#proof-phone", secret.second_phone)
    page.fill("#proof-unit", "3-2-1201")
    press(page, "受理")
    expect(page.get_by_text("已受理，答复期限")).to_be_visible()
    address = page.url.removeprefix(desk.site.address)
    desk.sign_in("archivist")
    page.goto(f"{desk.site.address}{address}")
    copy = re.sub(r"\s", "", text_of(desk.fetch(f"{address}copy/")))
    for told in (secret.name, secret.identity, secret.second_phone, secret.address):
        assert told in copy, told
    page.fill("[name=reply]", f"已当面交给{secret.name}")
    press(page, "记为已办理")
    expect(page.get_by_text("已提供").first).to_be_visible()
    snap(page, pictures, "request")
    desk.sign_in("auditor")
    page.goto(f"{desk.site.address}/archive/register/?record={number}&act=printed")
    expect(page.locator("table.lines tbody tr")).to_have_count(2)  # the receipt of the change, and this copy
    expect(page.locator("table.lines tbody tr").first).to_contain_text("提供个人信息副本")


def live(site: Site, browser: Browser, out: Path, pictures: Path | None) -> dict[bytes, str]:
    """The whole story; returns what must be found nowhere."""
    first, buyer = Secrets(), Secrets()
    desk = open_desk(site, browser, out)
    try:
        number = file_it(desk, enter(desk, first, "2020-05-01"))
        change(desk, first, number, pictures)
        kept = resell(desk, number, buyer)
        hand_over(desk, buyer)
        merge_and_undo(desk, buyer, kept, pictures)
        lend_outside(desk, first, number)
        dispose(desk, pictures)
        ask_for_a_copy(desk, first, number, pictures)
    finally:
        desk.context.close()
    return needles([*first.plain, *buyer.plain, buyer.second_address], [*first.hashed, *buyer.hashed])


def test_a_dossier_lives_on_and_leaves_nothing_in_the_clear(
    sqlite_site: Site, chromium: Browser, tmp_path: Path, screenshots: Path | None
) -> None:
    site, out = sqlite_site, tmp_path / "out"
    out.mkdir()
    with site.running():
        forms = live(site, chromium, out, screenshots)
        site.manage("backup", str(tmp_path / "backups"))
        assert (site.var / "anjuan.sqlite3-wal").exists()
        _looked, found = scan_folder(tmp_path, forms)
        assert found == []
    looked, found = scan_folder(tmp_path, forms)
    assert found == []
    assert looked > 5_000_000
    assert "登记册完整" in site.manage("verify_registers")


def test_so_it_does_in_the_production_shape(production_site: Site, chromium: Browser, tmp_path: Path) -> None:
    site, out = production_site, tmp_path / "out"
    out.mkdir()
    with site.running():
        forms = live(site, chromium, out, None)
        site.manage("search", "feed", "--once")
        site.manage("backup", str(tmp_path / "backups"))
    dumped = dump_database(site, out / "database.sql")
    fetch_bucket(site, tmp_path / "bucket")
    looked, found = scan_folder(tmp_path, forms)
    assert found == []
    assert looked > 5_000_000
    assert list(hits(dumped, needles(["云栖湾"]), "dump"))  # the dump is what it should be
    assert "登记册完整" in site.manage("verify_registers")
