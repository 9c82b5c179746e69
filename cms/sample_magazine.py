"""A website, a magazine and readers to try the product with. All of it is invented; nobody's address is in it."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

from django.utils import timezone
from wagtail.rich_text import RichText

from estates.models import Estate, User
from magazine.factories import make_readers
from magazine.models import IssuePage
from magazine.services.preparing import prepare_mailing
from magazine.services.pulling import pull_into_issue
from magazine.services.starting import found_magazine, start_issue
from magazine.suggesting import suggestions
from media.factories import draw_scene
from media.models import PublicPhoto
from media.public_photos import publish_photo, publish_upload
from service.models import Activity, Milestone
from service.models.milestones import MilestoneKind
from service.services.recording import keep_activity, keep_milestone
from website.models import ArticlePage, HandbookPage, ListingPage, NoticePage, PublicPage
from website.services.founding import found_website

READERS = 24
CASES = 3
LETTER = (
    "<p>业主朋友您好！</p><p>入冬前，我们把今年各楼盘的报修重新读了一遍。窗边渗水、地暖不热、车库返潮，"
    "这三样占了一半。每一样都有原因，也都有下一张图纸可以改的地方。</p>"
    "<p>这一期，我们照例把<b>问题、原因和学到的</b>写在一起。您家里如果也有，请告诉我们。</p>"
)
ARTICLE = (
    "<p>交房验收那天，时间往往不够。先看水，再看窗，最后看墙，是我们陪业主验房时的顺序。</p>"
    "<h3>先看水</h3><p>打开每一个龙头放水五分钟，看下水是否通畅；卫生间闭水试验要看楼下的顶板。</p>"
    "<h3>再看窗</h3><ul><li>开合三次，锁点都能扣上。</li><li>窗台外侧要有坡，雨水不能往里走。</li>"
    "<li>胶缝连续，没有断口。</li></ul>"
    "<h3>最后看墙</h3><p>用手电贴着墙照，起鼓和裂缝一目了然。发现问题请拍照登记，我们在 24 小时内回复。</p>"
)
CHAPTERS = (
    ("入会与积分", "怎样入会，积分怎样来、怎样用。", "<p>签约后即可入会。参加活动后一周内积分到账。</p>"),
    (
        "报修与回访",
        "报修的几种办法，多久回复。",
        "<p>会员小程序、电话、物业前台都可以报修，24 小时内回复，每季度回访一次。</p>",
    ),
    ("恳谈会", "什么时候开，怎样报名。", "<p>每半年一次，问题逐条由责任部门书面回答。</p>"),
)


def load_magazine(editor: User, manager: User, estates: list[Estate]) -> None:
    """A first issue, published, that waits for approval to be sent; a draft of the second; readers; plain pages."""
    photos = _photos(editor)
    _website(editor, manager, photos)
    _records(editor, estates, photos)
    index = found_magazine()
    index.summary = "每月一期：工程节点、返修里学到的经验、会员活动。"
    _publish(index, editor)
    issue = start_issue(by=editor)
    _fill(issue, editor, photos)
    IssuePage.objects.get(pk=issue.pk).latest_revision.publish(user=manager, skip_permission_checks=True)
    make_readers([f"reader-{place}@example.invalid" for place in range(READERS)])
    prepare_mailing(issue=issue, by=editor)
    start_issue(by=editor)


def _photos(by: User) -> list[PublicPhoto]:
    told = (
        ("楼盘远景", "傍晚的小区和远处的山"),
        ("亲子植树", "草坡上新种的小树"),
        ("封顶", "塔吊下刚封顶的楼"),
    )
    return [
        publish_upload(upload=BytesIO(draw_scene(seed)), title=title, alternative=alternative, boxes=[], by=by)
        for seed, (title, alternative) in enumerate(told)
    ]


def _publish(page: PublicPage, by: User) -> None:
    page.save_revision(user=by).publish(user=by, skip_permission_checks=True)


def _website(editor: User, manager: User, photos: list[PublicPhoto]) -> None:
    home = found_website()
    home.summary, home.picture = "把每一次返修，变成下一张图纸上的一行字。", photos[0]
    _publish(home, manager)
    news = _child(home, ListingPage(title="文章", slug="news", show_in_menus=True), manager)
    text = [
        ("text", "<p>十一月起，各楼盘陆续进入采暖季。试水期间请家中留人，发现漏水先关分水器总阀，再打客服电话。</p>")
    ]
    article = ArticlePage(
        title="采暖季前，先做三件事", slug="heating", summary="试水、排气、看压力。", author="示例作者"
    )
    article.body, article.picture = text, photos[1]
    _child(news, article, manager)
    notice = NoticePage(title="海棠苑采暖试水", slug="notice-1", summary="本周六上午，家中请留人。")
    notice.valid_until, notice.body = timezone.localdate() + timedelta(days=20), text
    _child(news, notice, manager)
    handbook = HandbookPage(title="会员手册", slug="handbook", summary="客户会怎样为您服务。", show_in_menus=True)
    handbook.body = [("facts", {"facts": [{"label": "客服电话", "value": "400-000-0000（示例）"}]})]
    whole = _child(home, handbook, manager)
    for place, (title, summary, words) in enumerate(CHAPTERS, 1):
        chapter = HandbookPage(title=title, slug=f"chapter-{place}", summary=summary)
        chapter.body = [("text", RichText(words))]
        _child(whole, chapter, manager)


def _child(parent: PublicPage, page: PublicPage, by: User) -> PublicPage:
    page.live, page.owner = False, by
    parent.refresh_from_db()
    made: PublicPage = parent.add_child(instance=page)
    _publish(made, by)
    return made


def _records(by: User, estates: list[Estate], photos: list[PublicPhoto]) -> None:
    today = timezone.localdate().replace(day=1)
    told = ((4, MilestoneKind.TOPPING_OUT, "3栋、5栋", "比计划早 5 天。"), (5, MilestoneKind.LANDSCAPING, "", ""))
    for place, (estate, kind, buildings, note) in enumerate(told):
        row = Milestone(estate=estates[estate], kind=kind, buildings=buildings, note=note, day=today)
        row.photo = photos[2] if not place else None
        keep_milestone(milestone=row, by=by)
    activity = Activity(theme="亲子植树", estate=estates[0], day=today, place="云栖湾中心花园")
    activity.report = "三十二户家庭种下四十棵树，每棵树上都挂着孩子写的名牌。"
    keep_activity(activity=activity, photos=[photos[1]], by=by)


def _fill(issue: IssuePage, by: User, photos: list[PublicPhoto]) -> None:
    """As an editor does: pull in, then write what is left."""
    offered = [one for one in suggestions(issue, by)["cases"] if one.to_blur][:CASES]
    for one in offered:
        for photo in one.to_blur[:1]:
            publish_photo(
                photo=photo,
                title=one.title,
                alternative="返修现场，住户信息已模糊",
                boxes=[(0.1, 0.1, 0.2, 0.2)],
                by=by,
            )
    for kind, found in suggestions(issue, by).items():
        wanted = {one.pk for one in offered} if kind == "cases" else {one.pk for one in found}
        pull_into_issue(issue=issue, kind=kind, ids=wanted, by=by)
    issue.refresh_from_db()
    draft = issue.get_latest_revision_as_object()
    draft.title, draft.summary, draft.picture = (
        "入冬前，把三件事重新看一遍",
        "窗边渗水、地暖不热、车库返潮：今年的三样和学到的。",
        photos[0],
    )
    pulled = [(block.block_type, block.value) for block in draft.body]
    draft.body = [
        ("cover", {"headline": "入冬前，把三件事重新看一遍", "lead": draft.summary, "photo": photos[0]}),
        ("letter", {"title": "写给业主朋友", "body": RichText(LETTER), "signed": "客户服务部"}),
        *pulled,
        ("article", {"title": "验房三步", "author": "示例作者", "body": RichText(ARTICLE), "photos": []}),
        (
            "questions",
            {
                "title": "您问我答",
                "entries": [{"question": "地暖多久清洗一次？", "answer": "建议两个采暖季清洗一次。"}],
            },
        ),
        ("notice", {"title": "采暖试水", "body": RichText("<p>本周六上午家中请留人。</p>"), "until": None}),
    ]
    draft.save_revision(user=by)
