"""Nothing of a customer lies anywhere in the clear: not in the database's bytes, the files, logs, sessions, tasks,
index, mails, backups, printed or exported sheets, nor in the browser.

A site of its own (web server and worker) lives in a folder of its own, on SQLite and in the production shape; people
work in it by a real browser; then every byte is looked at.
"""

from __future__ import annotations

import time
import urllib.request
from pathlib import Path

import psycopg
from playwright.sync_api import Browser, expect
from pypinyin import lazy_pinyin

from exchange.spreadsheets import workbook
from media.factories import draw_sheets
from tests.acceptance.byte_scan import hits, needles, scan_folder
from tests.acceptance.conftest import press
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
from tests.search.engines import ELASTICSEARCH_PORT

__all__ = ["database", "production_site", "sqlite_site"]


def enter_a_customer(desk: Desk, secret: Secrets) -> str:
    """The editor opens a dossier, enters, corrects, attaches, notes a talk, confirms, hands in. Returns its address."""
    page = open_dossier(desk)
    page.fill("#i-name", secret.name)
    page.fill("#i-identity", secret.identity[:-1] + ("1" if secret.identity[-1] != "1" else "2"))
    page.fill("#i-mobile", secret.phone)
    page.fill("#i-address", secret.address)
    press(page, "保存")
    expect(page.get_by_text("校验位不对").first).to_be_visible()
    stale = page.locator("[name=loaded]").get_attribute("value")
    page.fill("#i-identity", secret.identity)
    page.fill("#i-home_phone", secret.second_phone)
    press(page, "保存并返回")
    address = page.url.removeprefix(desk.site.address)
    desk.page.goto(f"{desk.site.address}{address}enter/")
    page.evaluate("value => document.querySelector('[name=loaded]').value = value", stale)
    page.fill("#i-mobile", secret.second_phone)
    press(page, "保存")
    expect(page.get_by_text("您填的内容还在").first).to_be_visible()
    page.goto(f"{desk.site.address}{address}")
    sheet = workbook("登记", [("姓名", 20), ("证件", 30)], [[secret.name, secret.identity]])
    form = draw_sheets("示例合同")
    for kind, suffix, content in (("contract", "pdf", form), ("identity", "xlsx", sheet), ("consent", "pdf", form)):
        page.select_option(".add-document [name=kind]", kind)
        upload = {
            "name": f"{secret.name}{secret.phone}.{suffix}",
            "mimeType": "application/octet-stream",
            "buffer": content,
        }
        page.set_input_files(".add-document [name=document]", upload)  # type: ignore[arg-type]
        press(page, "加入文件")
        expect(page.get_by_text("已加入")).to_be_visible()
    page.fill(".contact-form [name=text]", f"{secret.name}：{secret.talk}")
    press(page, "登记")
    page.get_by_text("记录客户确认").first.click()
    press(page, "记录")
    press(page, "提交审核归档")
    return address


def check_and_file(desk: Desk, secret: Secrets, address: str) -> str:
    page = desk.sign_in("archivist")
    page.goto(f"{desk.site.address}{address}")
    page.get_by_text("退回补充", exact=True).first.click()
    page.get_by_text("信息不清不放过").last.click()
    page.fill("[name=reason]", f"{secret.name}的地址{secret.address}要核对")
    press(page, "退回")
    expect(page.get_by_text(secret.address).first).to_be_visible()
    desk.sign_in("editor")
    page.goto(f"{desk.site.address}{address}")
    page.get_by_text("不用改，写明答复").click()
    page.fill(".message [name=reason]", f"{secret.name}住在{secret.address}，已核对")
    press(page, "答复")
    expect(page.get_by_text(f"住在{secret.address}")).to_be_visible()
    press(page, "提交审核归档")
    desk.sign_in("archivist")
    page.goto(f"{desk.site.address}{address}")
    page.get_by_text("显示明文").first.click()
    page.fill("#other", f"给{secret.name}核对")
    press(page, "显示")
    expect(page.get_by_text("请不要写姓名")).to_be_visible()
    page.goto(f"{desk.site.address}{address}")
    page.get_by_text("显示明文").first.click()
    press(page, "客户回访")
    expect(page.get_by_text(secret.identity).first).to_be_visible()
    return file_dossier(desk, address)


def look_up(desk: Desk, secret: Secrets) -> None:
    page = desk.sign_in("property")
    spelled = "".join(lazy_pinyin(secret.name))
    for text in (secret.name, spelled, secret.phone, secret.phone[-4:], secret.identity, secret.second_phone):
        page.goto(f"{desk.site.address}/archive/")
        page.fill("#q", text)
        press(page, "查找")
        expect(page.locator(".person-row")).to_have_count(1)
        assert page.url == f"{desk.site.address}/archive/"
    desk.sign_in("editor")
    for text in (secret.name, secret.phone, secret.identity):  # the wrong box: that of the cases
        page.goto(f"{desk.site.address}/search/")
        page.fill("#q", text)
        press(page, "查")
        expect(page.get_by_text("没有找到").first).to_be_visible()
        assert page.url == f"{desk.site.address}/search/"


def lend_print_export(desk: Desk, secret: Secrets, number: str) -> None:
    page = desk.sign_in("editor")
    page.goto(f"{desk.site.address}/archive/d/{number}/")
    page.get_by_text("申请借阅").first.click()
    page.locator("input[type=checkbox][name=document]").first.check()
    page.fill("input[name=purpose]", f"{secret.name}要看合同")
    page.fill("[name=due_on]", time.strftime("%Y-%m-%d"))
    press(page, "申请")
    expect(page.get_by_text("请不要写姓名")).to_be_visible()
    page.get_by_text("申请借阅").first.click()
    page.locator("input[type=checkbox][name=document]").first.check()
    page.fill("input[name=purpose]", "核对合同条款")
    page.fill("[name=due_on]", time.strftime("%Y-%m-%d"))
    page.fill("[name=borrower]", "")
    page.fill("[name=outside]", f"{secret.name}的律师")
    press(page, "申请")
    for username in ("archivist", "director"):
        desk.sign_in(username)
        page.goto(f"{desk.site.address}/archive/loans/")
        press(page, "同意")
    late = "from datetime import date; from archives.models import Loan; Loan.objects.update(due_on=date(2026, 1, 1))"
    desk.site.manage("shell", "-v0", "-c", late)
    desk.site.manage("remind_loans")
    desk.sign_in("archivist")
    page.goto(f"{desk.site.address}/archive/loans/")
    press(page, "归还")
    page.goto(f"{desk.site.address}/archive/papers/")
    desk.post("/archive/papers/export/", "papers.xlsx", estate="YLW")
    page.goto(f"{desk.site.address}/archive/gaps/?estate=YLW")
    desk.post("/archive/gaps/", "gaps.xlsx", estate="YLW")
    page.goto(f"{desk.site.address}/archive/d/{number}/")
    assert desk.post(f"/archive/d/{number}/readers/", "readers.pdf").startswith(b"%PDF-")
    document = page.locator(".work-row a[href*=documents]").first.get_attribute("href")
    ranged = page.request.get(f"{desk.site.address}{document}", headers={"Range": "bytes=0-4"})
    assert (ranged.status, len(ranged.body())) == (206, 5)
    desk.sign_in("auditor")
    page.goto(f"{desk.site.address}/archive/register/?record={number}")
    expect(page.locator("table.lines tbody tr").first).to_be_visible()


def wait_for_mail(folder: Path) -> None:
    until = time.monotonic() + SECONDS
    while not list(folder.glob("*")):
        assert time.monotonic() < until, "no mail"
        time.sleep(0.3)


def live(site: Site, browser: Browser, secret: Secrets, out: Path) -> str:
    desk = open_desk(site, browser, out)
    try:
        address = enter_a_customer(desk, secret)
        number = check_and_file(desk, secret, address)
        look_up(desk, secret)
        lend_print_export(desk, secret, number)
        wait_for_mail(site.var / "mail")
    finally:
        desk.context.close()
    return number


def test_the_scan_finds_every_form_that_it_looks_for(tmp_path: Path) -> None:
    """Each form, planted plain and packed, is found: the scan can fail."""
    import base64
    import gzip
    import hashlib
    import json
    import zipfile

    secret = Secrets()
    forms = needles(secret.plain, secret.hashed)
    planted = {
        "utf8": secret.name.encode(),
        "utf16": secret.address.encode("utf-16-le"),
        "json": json.dumps({"a": secret.talk}).encode(),
        "base64": base64.b64encode(f"x{secret.address}y".encode()),
        "hash": hashlib.sha256(secret.phone.encode()).hexdigest().encode(),
        "raw-hash": hashlib.md5(secret.phone[-4:].encode()).digest(),  # noqa: S324  what an attacker would try
        "gzip": gzip.compress(secret.identity.encode()),
        "xlsx": workbook("x", [("x", 9)], [[secret.name]]),
    }
    for name, content in planted.items():
        (tmp_path / name).write_bytes(b"before " + content if name not in ("gzip", "xlsx") else content)
    with zipfile.ZipFile(tmp_path / "zip", "w") as packed:
        packed.writestr("inner.gz", gzip.compress(secret.phone.encode()))
    _looked, found = scan_folder(tmp_path, forms)
    assert {line.split(" ")[0].rstrip(":") for line in found} == {*planted, "zip"}


def test_no_byte_of_a_customer_lies_in_the_clear(sqlite_site: Site, chromium: Browser, tmp_path: Path) -> None:
    secret, out = Secrets(), tmp_path / "out"
    out.mkdir()
    with sqlite_site.running():
        live(sqlite_site, chromium, secret, out)
        sqlite_site.manage("backup", str(tmp_path / "backups"))
        assert (sqlite_site.var / "anjuan.sqlite3-wal").exists()
        forms = needles(secret.plain, secret.hashed)
        looked, found = scan_folder(tmp_path, forms)  # while it runs: the write-ahead log stands
        assert found == []
    looked, found = scan_folder(tmp_path, forms)
    assert found == []
    assert looked > 5_000_000
    assert "登记册完整" in sqlite_site.manage("verify_registers")


def test_nor_in_the_production_shape(production_site: Site, chromium: Browser, tmp_path: Path) -> None:
    secret, out = Secrets(), tmp_path / "out"
    out.mkdir()
    site = production_site
    with site.running():
        live(site, chromium, secret, out)
        site.manage("search", "feed", "--once")
        site.manage("backup", str(tmp_path / "backups"))
    alias = site.environment["ELASTICSEARCH_ALIAS"]
    with urllib.request.urlopen(f"http://127.0.0.1:{ELASTICSEARCH_PORT}/{alias}*/_search?size=1000") as answer:
        (out / "index.json").write_bytes(answer.read())
    dumped = dump_database(site, out / "database.sql")
    forms = needles(secret.plain, secret.hashed)
    looked, found = scan_folder(tmp_path, forms)
    fetch_bucket(site, tmp_path / "bucket")
    stored, in_bucket = scan_folder(tmp_path / "bucket", forms)
    assert (found, in_bucket) == ([], [])
    assert looked > 5_000_000
    assert stored > 10_000
    assert list(hits(dumped, needles(["云栖湾"]), "dump"))  # the dump is what it should be
    restored_equal(site, next((tmp_path / "backups").iterdir()), tmp_path / "restored")


def restored_equal(site: Site, backup: Path, folder: Path) -> None:
    """The backup in a new place and a new PostgreSQL database: every table as long, the register whole, every file."""
    source = site.environment["DATABASE_URL"]
    server, _slash, name = source.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}_restored")
    try:
        site.manage("restore", str(backup), "--to", str(folder), "--database", f"{name}_restored")
        assert rows_of(f"{source}_restored") == rows_of(source)
        environment = site.environment | {
            "DATABASE_URL": f"{source}_restored",
            "STORAGE_URL": f"file://{folder / 'files'}",
            "ANJUAN_ANCHORS": str(folder / "anchors"),
        }
        again = Site(site.var, environment)
        assert "登记册完整" in again.manage("verify_registers")
        again.manage("check_files")
    finally:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name}_restored WITH (FORCE)")


def rows_of(address: str) -> dict[str, int]:
    with psycopg.connect(address) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {
            table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # type: ignore[index]
            for (table,) in tables
        }
