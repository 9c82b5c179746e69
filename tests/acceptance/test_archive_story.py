"""From the editor's form to the auditor's register, in real browsers: every look at a customer leaves a line."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from archives.factories import sample_identity
from archives.models import DossierPage
from archives.vocabulary import State
from estates.factories import make_person, make_unit
from estates.roles import Role
from media.factories import draw_sheets
from tests.acceptance.conftest import People, press, snap
from tests.acceptance.looking_through import look_through
from tests.archives.conftest import build_archive
from tests.conftest import World
from vault.models import AccessEntry
from vault.register import verify_register

NAME, PHONE, ADDRESS = "张三", "13800000001", "示例市示例路1号"
UNITS = ("3栋2单元1201", "３－２－１２０１", "三栋二单元12楼01")


def enter(page: Page, people: People, folder: Path | None) -> None:
    """By keyboard and mouse: place, data, papers, the customer's word."""
    page.goto(f"{people.address}/archive/")
    page.get_by_role("link", name="新建客户档案").first.click()
    page.wait_for_load_state()
    page.fill("#estate-text", "yqw")
    page.get_by_role("option", name="云栖湾").click()
    page.fill("#id_unit_text", "三栋二单元12楼01")
    press(page, "下一步：录入客户资料")
    page.fill("#i-name", NAME)
    page.fill("#i-identity", sample_identity(1))
    page.fill("#i-mobile", "1380000")
    page.get_by_text("男", exact=True).click()
    press(page, "保存")
    expect(page.get_by_text("不像电话号码").first).to_be_visible()
    snap(page, folder, "archive-doubt")
    page.fill("#i-mobile", PHONE)
    page.fill("#i-address", ADDRESS)
    page.context.set_offline(True)
    page.get_by_role("button", name="保存并返回").click()
    expect(page.get_by_text("没有连上服务器，内容还在")).to_be_visible()
    expect(page.locator("#i-address")).to_have_value(ADDRESS)
    page.context.set_offline(False)
    press(page, "保存并返回")
    expect(page.get_by_role("heading", name=re.compile("张\\*"))).to_be_visible()
    for kind in ("contract", "identity", "consent"):
        page.select_option(".add-document [name=kind]", kind)
        upload = {"name": "扫描.pdf", "mimeType": "application/pdf", "buffer": draw_sheets("示例文件")}
        page.set_input_files(".add-document [name=document]", upload)  # type: ignore[arg-type]
        press(page, "加入文件")
    page.get_by_text("记录客户确认").first.click()
    page.get_by_text("当面确认").click()
    press(page, "记录")
    snap(page, folder, "archive-entered")
    press(page, "提交审核归档")
    expect(page.get_by_text("已提交，等档案管理员核对归档")).to_be_visible()


def refuse_then_file(archivist: Page, editor: Page, people: People, folder: Path | None) -> str:
    archivist.goto(f"{people.address}/work/")
    archivist.get_by_role("link", name=re.compile("3栋2单元1201")).first.click()
    archivist.wait_for_load_state()
    archivist.get_by_text("退回补充", exact=True).first.click()
    archivist.get_by_label("信息不清不放过").check(force=True)
    archivist.fill("[name=reason]", "地址没有写到门牌")
    press(archivist, "退回")
    snap(archivist, folder, "archive-returned")
    assert DossierPage.objects.get().state == State.RETURNED
    editor.goto(f"{people.address}/work/")
    editor.get_by_role("link", name="继续").first.click()
    editor.wait_for_load_state()
    expect(editor.get_by_text("地址没有写到门牌").first).to_be_visible()
    editor.get_by_role("link", name="录入资料").click()
    editor.fill("#i-address", f"{ADDRESS}2室")
    press(editor, "保存并返回")
    expect(editor.get_by_text("客户确认之后资料又改过")).to_be_visible()
    editor.get_by_text("记录客户确认").first.click()
    press(editor, "记录")
    press(editor, "提交审核归档")
    archivist.reload()
    look_through(archivist)
    press(archivist, "核对无误")
    press(archivist, "归档并给编号")
    number = re.search(r"YLW-DA-\d{4}-00001", archivist.url)
    assert number is not None
    snap(archivist, folder, "archive-filed")
    return number.group()


def find(page: Page, people: People, text: str) -> int:
    page.goto(f"{people.address}/archive/")
    page.fill("#q", text)
    press(page, "查找")
    assert page.url == f"{people.address}/archive/"
    return page.locator(".person-row").count()


def test_a_customer_is_entered_refused_filed_found_and_every_look_is_a_line(
    story_world: World, people: People, screenshots: Path | None
) -> None:
    archive = build_archive(story_world)
    make_unit(story_world.estate)
    editor = people.sign_in("editor")
    enter(editor, people, screenshots)
    number = refuse_then_file(people.sign_in("archivist"), editor, people, screenshots)
    dossier = DossierPage.objects.select_related("customer").get()
    assert (dossier.number, dossier.customer.latest, dossier.state) == (number, 3, State.FILED)

    staff = people.sign_in("property", phone=True)
    before = AccessEntry.objects.count()
    for text in (NAME, "zs", PHONE[-4:], *UNITS):
        assert find(staff, people, text) == 1, text
        expect(staff.locator(".person-row")).to_contain_text("张*")
        assert NAME not in staff.locator("main").inner_text().replace("张*", "")
    snap(staff, screenshots, "archive-found-phone")
    with staff.expect_navigation():
        staff.locator(".person-row h2 a").first.click()
    staff.get_by_text("显示明文").first.click()
    snap(staff, screenshots, "archive-purpose-phone")
    press(staff, "维修服务")
    expect(staff.get_by_text(PHONE)).to_be_visible()
    expect(staff.get_by_text(sample_identity(1))).to_have_count(0)  # sensitive: not for the property company
    lines = list(
        AccessEntry.objects.filter(sequence__gt=before, who=archive.property)
        .order_by("sequence")
        .values_list("act", "purpose", "record")
    )
    assert lines == [
        ("searched", "name", number),
        ("searched", "pinyin", number),
        ("searched", "tail", number),
        *[("searched", "unit", number)] * 3,
        ("viewed", "", number),
        ("revealed", "repair", number),
    ]

    auditor = people.sign_in("auditor")
    auditor.goto(f"{people.address}/archive/register/?who={archive.property.pk}")
    rows = auditor.locator("table.lines tbody tr")
    expect(rows).to_have_count(len(lines))
    for row, words in enumerate(("显示明文", "查看", *["按房号"] * 3, "按电话末四位", "按拼音", "按姓名")):
        expect(rows.nth(row)).to_contain_text(words)
        expect(rows.nth(row)).to_contain_text(number)
    snap(auditor, screenshots, "archive-register")
    assert people.complaints == []
    nothing_for_others(people, story_world, number)
    assert verify_register().broken == ""


def nothing_for_others(people: People, world: World, number: str) -> None:
    """An editor of another estate, a manager without a purpose, a disabled account."""
    other = people.sign_in("editor-hty")
    for text in (NAME, "zs", PHONE, number, UNITS[0]):
        assert find(other, people, text) == 0, text
    assert people.complaints == []
    assert other.goto(f"{people.address}/archive/d/{number}/").status == 404  # type: ignore[union-attr]
    refused = AccessEntry.objects.get(who=world.other_editor, act="refused")
    assert refused.record == number
    manager = people.sign_in("manager")
    manager.goto(f"{people.address}/archive/d/{number}/")
    manager.get_by_text("显示明文").first.click()
    press(manager, "显示")
    expect(manager.get_by_text("请写明目的")).to_be_visible()
    assert PHONE not in manager.content()
    assert not AccessEntry.objects.filter(who=world.manager, act="revealed").exists()
    leaving = make_person("leaving", Role.EDITOR, estate=world.estate)
    gone = people.sign_in("leaving")
    assert find(gone, people, NAME) == 1
    leaving.is_active = False
    leaving.save()
    gone.goto(f"{people.address}/archive/d/{number}/")
    assert "/login/" in gone.url
    assert AccessEntry.objects.filter(who=leaving).count() == 1
