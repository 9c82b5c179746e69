"""One source: what is pulled in and written comes out alike on the web, in the mail, as text and on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pypdfium2
import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from casebook.models import CasePage
from magazine.checklist import checklist
from magazine.content import content_of
from magazine.links import MailLinks
from magazine.models import IssuePage
from magazine.rendering.mail import mail_html, mail_text
from magazine.rendering.mail_rules import mail_problems
from magazine.rendering.paper import MissingGlyphs, letter_pdf, magazine_pages, magazine_pdf
from magazine.services.errors import MagazineError
from magazine.services.link_checking import dead_links
from magazine.services.pulling import pull_into_issue
from magazine.suggesting import suggestions
from media.models import PublicPhoto
from media.public_photos import publish_photo
from service.models import Activity, Milestone
from service.services.recording import keep_activity, keep_milestone
from tests.conftest import World
from tests.magazine.conftest import article, letter, make_issue, make_published

LINKS = MailLinks(issue="https://example.com/i/", copy="https://example.com/c/", pdf="https://example.com/p/")


def pdf_text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_cases_are_pulled_without_unit_name_or_phone(world: World, published_case: Callable[..., CasePage]) -> None:
    case = published_case(
        title="3栋2单元1201窗台渗水",
        description="3栋2单元1201王先生反映，暴雨后窗台内侧渗水。",
        lesson="1201室窗台外坡不小于5%。",
        record_date=timezone.localdate(),
    )
    issue = make_issue(world.editor)
    assert pull_into_issue(issue=issue, kind="cases", ids=[case.pk], by=world.editor) == 1
    draft = IssuePage.objects.get(pk=issue.pk).get_latest_revision_as_object()
    entry = draft.body[0].value["entries"][0]
    assert (entry["source"], entry["title"]) == (case.pk, "某户窗台渗水")
    assert entry["problem"] == "某户***反映，暴雨后窗台内侧渗水。"
    assert draft.body[0].block_type == "cases"
    assert suggestions(draft, world.editor)["cases"] == []
    assert pull_into_issue(issue=issue, kind="cases", ids=[case.pk], by=world.editor) == 0, "not twice"


def test_what_was_edited_back_in_is_taken_out_again(world: World) -> None:
    entry: dict[str, object] = {
        "source": None,
        "title": "5栋302渗水",
        "problem": "李女士家",
        "lesson": "加坡",
        "photos": [],
    }
    issue = make_issue(world.editor, ("cases", {"title": "案例", "entries": [entry]}))
    content = content_of(issue.get_latest_revision_as_object())
    assert content.sections[0].entries[0].title == "某户渗水"
    assert "李女士" not in "".join(text for _place, text in content.texts)


def test_photos_come_along_once_they_are_fit_for_the_public(
    world: World, published_case: Callable[..., CasePage]
) -> None:
    case = published_case(record_date=timezone.localdate())
    issue = make_issue(world.editor)
    before = suggestions(issue, world.editor)["cases"][0]
    assert (before.raw["photos"], [p.pk for p in before.to_blur]) == ([], [case.photos.get().photo_id])
    public = publish_photo(
        photo=case.photos.get().photo, title="渗水", alternative="窗台", boxes=[(0, 0, 0.5, 0.5)], by=world.editor
    )
    after = suggestions(issue, world.editor)["cases"][0]
    assert (after.raw["photos"], after.to_blur) == ([{"photo": public.pk, "caption": ""}], ())


def test_milestones_and_activities_of_the_month_are_offered(world: World, photo: PublicPhoto) -> None:
    today = timezone.localdate()
    milestone = Milestone(estate=world.estate, kind="topping_out", buildings="3栋", day=today, photo=photo)
    keep_milestone(milestone=milestone, by=world.editor)
    activity = Activity(theme="亲子植树", estate=world.estate, day=today, place="花园", report="种了四十棵树。")
    keep_activity(activity=activity, photos=[photo], by=world.editor)
    old = Milestone(estate=world.estate, kind="handover", day=date(2020, 1, 1))
    keep_milestone(milestone=old, by=world.editor)
    issue = make_issue(world.editor)
    for kind in ("milestones", "activities"):
        found = suggestions(issue, world.editor)[kind]
        assert pull_into_issue(issue=issue, kind=kind, ids=[one.pk for one in found], by=world.editor) == 1
    content = content_of(IssuePage.objects.get(pk=issue.pk).get_latest_revision_as_object())
    assert [(s.title, [e.title for e in s.entries]) for s in content.sections] == [
        ("本月工程节点", ["云栖湾 · 3栋封顶"]),
        ("会员活动", ["亲子植树"]),
    ]
    assert [place for place, _photo in content.pictures] == ["本月工程节点 › 云栖湾 · 3栋封顶", "会员活动 › 亲子植树"]


def test_only_makers_pull_and_nothing_is_pulled_in_review(
    world: World, published_case: Callable[..., CasePage]
) -> None:
    case = published_case(record_date=timezone.localdate())
    issue = make_issue(world.editor)
    before = issue.latest_revision_id
    with pytest.raises(PermissionDenied):
        pull_into_issue(issue=issue, kind="cases", ids=[case.pk], by=world.designer)
    issue.get_workflow().start(issue, world.editor)
    with pytest.raises(MagazineError, match="正在审核"):
        pull_into_issue(issue=issue, kind="cases", ids=[case.pk], by=world.editor)
    assert IssuePage.objects.get(pk=issue.pk).latest_revision_id == before


def test_every_title_is_in_every_medium(world: World, photo: PublicPhoto, client: Client) -> None:
    titles = ["写给业主朋友", "验房三步", "地暖多久清洗一次？", "采暖试水"]
    html = "<p>先看<b>水</b>，见<a href='https://example.com/a'>说明</a>。</p><ul><li>一</li><li>二</li></ul>"
    cover = ("cover", {"headline": "入冬前", "lead": "三件事", "photo": photo})
    questions: tuple[str, dict[str, object]] = (
        "questions",
        {"title": "您问我答", "entries": [{"question": titles[2], "answer": "两年一次。"}]},
    )
    notice = ("notice", {"title": titles[3], "body": letter()[1]["body"], "until": date(2026, 12, 1)})
    issue = make_published(world.editor, cover, letter(), article(titles[1], html), questions, notice)
    content = issue.content
    web = client.get(issue.url).content.decode()
    mail, text = mail_html(content, LINKS), mail_text(content, LINKS)
    paper = pdf_text(magazine_pdf(content))
    for title in [*titles, "入冬前", "您问我答"]:
        assert title in web
        assert title in mail
        assert title in text
        assert title in paper
    assert "https://example.com/a" in web
    assert "https://example.com/a" in mail
    assert "https://example.com/a" in text
    assert 'alt="小区和山"' in web
    assert 'alt="小区和山"' in mail
    assert "有效至 2026-12-01" in paper


def test_the_mail_is_made_of_what_mail_programs_show(world: World, photo: PublicPhoto) -> None:
    picture = {"photo": photo, "caption": "远处"}
    body = article(html="<p>甲乙丙丁戊己庚辛壬癸子丑寅卯。</p>" * 40)
    body[1]["photos"] = [picture]
    issue = make_published(world.editor, letter(), body)
    html = mail_html(issue.content, LINKS)
    assert mail_problems(html) == []
    assert "读全文" in html, "a long article goes on on the web"
    assert len(html.encode()) < 100_000


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        pytest.param("<script>1</script>", "邮件里不能有 <script>", id="script"),
        pytest.param("<p onclick='x()'>a</p>", "邮件里不能有脚本属性 onclick", id="handler"),
        pytest.param("<p style='position:fixed'>a</p>", "样式 position: fixed 不在允许的清单里", id="position"),
        pytest.param("<p style='display: flex'>a</p>", "样式 display: flex 不在允许的清单里", id="flex"),
        pytest.param("<style>p { float: left }</style>", "样式 float: left 不在允许的清单里", id="in a style sheet"),
        pytest.param("<p style='background:url(x)'>a</p>", "样式里不能引用别处的文件", id="a background file"),
        pytest.param("<img src='https://a/b' width='9'>", "有照片没有替代文字", id="no words for a photo"),
        pytest.param("<img src='b' alt='a' width='9'>", "有照片的地址不完整", id="half an address"),
        pytest.param(
            "<img src='https://a/b' alt='a' width='1'>", "邮件里不能有看不见的追踪图片", id="a tracking pixel"
        ),
        pytest.param("x" * 100_001, "邮件有 100 kB，超过 100 kB 会被截断：请减少条目或缩短文字", id="too long"),
    ],
)
def test_what_mail_programs_do_not_show_is_named(html: str, problem: str) -> None:
    assert mail_problems(html) == [problem]


@pytest.mark.parametrize("char", ["㐂", "叕"])
def test_rare_characters_that_the_fonts_have_are_printed(world: World, char: str) -> None:
    issue = make_published(world.editor, letter(f"<p>示例{char}先生</p>"))
    assert f"示例{char}" in pdf_text(magazine_pdf(issue.content))
    assert f"示例{char}" in pdf_text(letter_pdf(issue.content))


def test_a_character_that_cannot_be_printed_stops_the_press_with_its_place(world: World) -> None:
    issue = make_published(world.editor, letter(), article("验房三步", "<p>示例𠮷。</p>"))
    told = "印刷字库里没有这些字：𠮷（验房三步）。请换一种写法。"
    with pytest.raises(MissingGlyphs) as stopped:
        magazine_pdf(issue.content)
    assert str(stopped.value) == told
    with pytest.raises(MissingGlyphs):
        letter_pdf(issue.content)
    assert magazine_pages(issue.content)[0].startswith(b"\x89PNG"), "the editor still sees the pages"
    glyphs = next(check for check in checklist(issue.content) if check.name == "字都印得出")
    assert (glyphs.blocks, glyphs.problems) == (True, ("验房三步：印刷字库里没有“𠮷”",))


def test_bleed_makes_the_sheet_larger(world: World) -> None:
    content = make_published(world.editor).content
    millimetres = [
        tuple(round(side * 25.4 / 72) for side in pypdfium2.PdfDocument(pdf)[0].get_size())
        for pdf in (magazine_pdf(content), magazine_pdf(content, bleed=True))
    ]
    assert millimetres == [(210, 297), (216, 303)]


def test_the_checks_name_what_is_wrong_and_where(world: World) -> None:
    html = "<p>请打 13800001111 找李女士，3栋2单元1201，<a href='http://127.0.0.1:8000/site/nowhere/'>见此</a>。</p>"
    issue = make_published(world.editor, article("通知", html))
    found = {check.name: check for check in checklist(issue.content)}
    assert found["没有个人信息"].problems == ("通知：像电话号码（1***）", "通知：像姓名称呼（李***）")
    assert found["没有个人信息"].blocks
    assert found["没有写出房号"].problems == ("通知：写出了房号（3栋2单元1201）",)
    assert not found["没有写出房号"].blocks
    assert dead_links(list(issue.content.links)) == [
        "通知 › 通知：http://127.0.0.1:8000/site/nowhere/（本站没有这一页）"
    ]
    assert found["字都印得出"].is_good


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("cover", "春天，从一扇不再漏雨的窗开始"),
        ("letter", "业主朋友您好！"),
        ("milestones", "示例花园 · 3栋封顶"),
        ("cases", "窗台外坡不小于 5%。"),
        ("activities", "亲子植树"),
        ("article", "怎样看懂户型图"),
        ("questions", "建议两个采暖季清洗一次。"),
        ("notice", "有效至 2026-11-30"),
    ],
)
def test_each_block_says_what_it_is_for_and_shows_itself(world: World, client: Client, block: str, told: str) -> None:
    definition = IssuePage._meta.get_field("body").stream_block.child_blocks[block]
    assert definition.meta.icon != "placeholder"
    assert definition.meta.description
    client.force_login(world.editor)
    shown = client.get("/admin/block-preview/", {"id": definition.definition_prefix})
    assert told in shown.content.decode()
