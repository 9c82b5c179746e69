"""The draft on the device: each person's own, gone after sign-out, and told apart from another person's."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Dialog, expect

from casebook.models import CasePage
from estates.factories import SAMPLE_PASSWORD
from media.factories import draw_photo
from media.models import Photo
from tests.acceptance.conftest import People, snap
from tests.conftest import World


def test_signing_out_erases_the_draft_after_asking(story_world: World, people: People) -> None:
    page = people.sign_in("editor", phone=True)
    page.goto(f"{people.address}/file/")
    page.fill("#id_description", "没写完的说明")
    expect(page.locator("#sync")).to_have_text("已保存在本机")
    page.reload()
    expect(page.locator("#id_description")).to_have_value("没写完的说明")
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page.on("dialog", accept)
    page.click(".who summary")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/login/**")
    assert len(asked) == 1
    page.fill("#id_username", "manager")
    page.fill("#id_password", SAMPLE_PASSWORD)
    page.click("button.main")
    page.goto(f"{people.address}/file/")
    expect(page.locator("#id_description")).to_have_value("")
    assert people.complaints == []


def test_a_bad_photo_and_a_bad_unit_are_told_and_nothing_else_is_lost(
    story_world: World, people: People, tmp_path: Path, screenshots: Path | None
) -> None:
    bad = tmp_path / "坏照片.jpg"
    bad.write_bytes(b"\xff\xd8 not a photo")
    page = people.sign_in("editor", phone=True)
    page.goto(f"{people.address}/file/")
    page.fill("#estate-text", "YLW")
    page.get_by_role("option", name="云栖湾").click()
    page.set_input_files("#files", [bad])
    expect(page.locator(".photo.failed")).to_contain_text("坏照片.jpg")
    snap(page, screenshots, "phone-bad-photo")
    page.locator(".photo.failed .remove").click()
    page.fill("#id_unit_text", "看不懂")
    page.fill("#id_description", "𠮷㐂 渗漏 😀")
    page.get_by_role("button", name="存草稿").click()
    expect(page.locator("#problems")).to_contain_text("看不懂房号“看不懂”")
    assert CasePage.objects.count() == 0
    page.fill("#id_unit_text", "3-2-1201")
    page.get_by_role("button", name="提交审核").click()
    page.wait_for_url("**/file/c*/?gaps=1")
    expect(page.locator(".message.warning")).to_contain_text("还差 4 项")
    draft = CasePage.objects.get()
    assert (draft.description, draft.number) == ("𠮷㐂 渗漏 😀", None)
    told = [text for text in people.complaints if "422" not in text]
    assert told == []


PUT_IN = """async ([how, bytes, name]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([new Uint8Array(bytes)], name, { type: "image/jpeg" }));
  const target = how === "drop" ? document.querySelector("#photos") : document.querySelector("#id_description");
  const event = how === "drop"
    ? new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true })
    : new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true });
  target.dispatchEvent(event);
}"""


def test_photos_are_dragged_in_and_pasted_at_the_desk(story_world: World, people: People) -> None:
    page = people.sign_in("editor")
    page.goto(f"{people.address}/file/")
    page.fill("#estate-text", "YLW")
    page.get_by_role("option", name="云栖湾").click()
    page.evaluate(PUT_IN, ["drop", list(draw_photo(1)), "拖入.jpg"])
    page.evaluate(PUT_IN, ["paste", list(draw_photo(2)), "粘贴.jpg"])
    expect(page.locator(".photo input[name=photo]")).to_have_count(2)
    page.fill("#id_description", "电梯厅渗水")
    page.get_by_role("button", name="存草稿").click()
    page.wait_for_url("**/file/c*/")
    names = CasePage.objects.get().photos.order_by("sort_order").values_list("photo__original_name", flat=True)
    assert sorted(names) == ["拖入.jpg", "粘贴.jpg"]
    assert people.complaints == []


def test_a_photo_over_the_limit_never_leaves_the_device(story_world: World, people: People, tmp_path: Path) -> None:
    big = tmp_path / "巨大.jpg"
    with big.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    page = people.sign_in("editor", phone=True)
    page.goto(f"{people.address}/file/")
    page.fill("#estate-text", "YLW")
    page.get_by_role("option", name="云栖湾").click()
    page.set_input_files("#files", [big])
    expect(page.locator(".photo.failed")).to_contain_text("照片太大，请缩小后再传")
    assert Photo.objects.count() == 0
    assert people.complaints == []
