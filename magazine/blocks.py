"""What an issue is put together from. Each block says what it is for; all media take their content from it alike."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from magazine.content import section_of
from website.blocks import PictureBlock, PublicPhotoChooserBlock, TextBlock

LONGEST_TITLE = 60
LONGEST_TEXT = 1_200


class SourceBlock(blocks.FieldBlock):
    """Which record an entry was pulled from, so that it is not offered twice. Nobody edits it."""

    def __init__(self, required: bool = False, **kwargs: object) -> None:
        self.field = forms.IntegerField(required=required, widget=forms.HiddenInput())
        super().__init__(**kwargs)

    class Meta:
        label = ""
        form_classname = "w-hidden"


class SectionBlock(blocks.StructBlock):
    """A block that is a part of the issue; its preview is what the web page makes of it."""

    def get_preview_template(self, value: object, context: dict[str, object] | None = None) -> str:
        return "magazine/block_preview.html"

    def get_preview_context(self, value: Any, parent_context: dict[str, object] | None = None) -> dict[str, object]:
        context: dict[str, object] = super().get_preview_context(value, parent_context)
        return context | {"section": None if self.name == "cover" else section_of(self.name, value, "preview")}


class CoverBlock(SectionBlock):
    headline = blocks.CharBlock(label=_("封面标题"), max_length=LONGEST_TITLE)
    lead = blocks.TextBlock(label=_("封面导语"), required=False, max_length=200)
    photo = PublicPhotoChooserBlock(label=_("封面照片"), required=False)

    class Meta:
        icon = "image"
        label = _("封面")
        description = _("标题、一两句导语和封面照片。每期一个，放在最前面。")
        preview_value: ClassVar = {
            "headline": "春天，从一扇不再漏雨的窗开始",
            "lead": "本期说说我们怎样修好一扇窗。",
            "photo": None,
        }


class LetterBlock(SectionBlock):
    title = blocks.CharBlock(label=_("标题"), max_length=LONGEST_TITLE, default="写给业主朋友")
    body = TextBlock(label=_("正文"))
    signed = blocks.CharBlock(label=_("署名"), required=False, max_length=60)

    class Meta:
        icon = "mail"
        label = _("卷首语")
        description = _("编辑部写给读者的一封信。纸质信也印它。")
        preview_value: ClassVar = {"title": "写给业主朋友", "body": "<p>业主朋友您好！</p>", "signed": "客户服务部"}


class MilestoneBlock(blocks.StructBlock):
    source = SourceBlock()
    estate = blocks.CharBlock(label=_("楼盘"), max_length=60)
    what = blocks.CharBlock(label=_("节点"), max_length=80)
    day = blocks.DateBlock(label=_("日期"), required=False)
    text = blocks.TextBlock(label=_("说明"), required=False, max_length=400)
    photo = PublicPhotoChooserBlock(label=_("照片"), required=False)

    class Meta:
        icon = "date"
        label = _("工程节点")


class MilestonesBlock(SectionBlock):
    title = blocks.CharBlock(label=_("标题"), max_length=LONGEST_TITLE, default="本月工程节点")
    entries = blocks.ListBlock(MilestoneBlock(), label=_("节点"))

    class Meta:
        icon = "date"
        label = _("工程节点")
        description = _("各楼盘本月的封顶、落架、园建、开放日和交付。")
        preview_value: ClassVar = {
            "title": "本月工程节点",
            "entries": [
                {
                    "estate": "示例花园",
                    "what": "3栋封顶",
                    "day": date(2026, 11, 8),
                    "text": "比计划早 5 天。",
                    "photo": None,
                }
            ],
        }


class CaseBlock(blocks.StructBlock):
    source = SourceBlock()
    title = blocks.CharBlock(label=_("标题"), max_length=LONGEST_TITLE)
    problem = blocks.TextBlock(label=_("发生了什么"), max_length=LONGEST_TEXT)
    lesson = blocks.TextBlock(label=_("我们学到了什么"), max_length=LONGEST_TEXT)
    photos = blocks.ListBlock(PictureBlock(), label=_("照片"), default=[])

    class Meta:
        icon = "doc-full"
        label = _("案例")


class CasesBlock(SectionBlock):
    title = blocks.CharBlock(label=_("标题"), max_length=LONGEST_TITLE, default="案例：一次返修，一条经验")
    entries = blocks.ListBlock(CaseBlock(), label=_("案例"))

    class Meta:
        icon = "doc-full"
        label = _("案例")
        description = _("已发布的案例。房号、姓名、电话自动隐去，照片只用处理过的公开照片。")
        preview_value: ClassVar = {
            "title": "案例：一次返修，一条经验",
            "entries": [
                {"title": "窗台渗水", "problem": "暴雨后窗台内侧渗水。", "lesson": "窗台外坡不小于 5%。", "photos": []}
            ],
        }


class ActivityBlock(blocks.StructBlock):
    source = SourceBlock()
    title = blocks.CharBlock(label=_("主题"), max_length=LONGEST_TITLE)
    day = blocks.DateBlock(label=_("日期"), required=False)
    place = blocks.CharBlock(label=_("地点"), required=False, max_length=80)
    text = blocks.TextBlock(label=_("说明"), required=False, max_length=LONGEST_TEXT)
    photos = blocks.ListBlock(PictureBlock(), label=_("照片"), default=[])

    class Meta:
        icon = "group"
        label = _("活动")


class ActivitiesBlock(SectionBlock):
    title = blocks.CharBlock(label=_("标题"), max_length=LONGEST_TITLE, default="会员活动")
    entries = blocks.ListBlock(ActivityBlock(), label=_("活动"))

    class Meta:
        icon = "group"
        label = _("会员活动")
        description = _("办过的和将要办的活动，带照片。")
        preview_value: ClassVar = {
            "title": "会员活动",
            "entries": [
                {"title": "亲子植树", "day": date(2026, 11, 15), "place": "社区公园", "text": "", "photos": []}
            ],
        }


class ArticleBlock(SectionBlock):
    title = blocks.CharBlock(label=_("标题"), max_length=LONGEST_TITLE)
    author = blocks.CharBlock(label=_("作者"), required=False, max_length=60)
    body = TextBlock(label=_("正文"))
    photos = blocks.ListBlock(PictureBlock(), label=_("照片"), default=[])

    class Meta:
        icon = "doc-full-inverse"
        label = _("文章")
        description = _("一篇完整的文章。邮件里只登开头，网页和 PDF 登全文。")
        preview_value: ClassVar = {
            "title": "怎样看懂户型图",
            "author": "示例作者",
            "body": "<p>先看朝向。</p>",
            "photos": [],
        }


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(label=_("问"), max_length=200)
    answer = blocks.TextBlock(label=_("答"), max_length=LONGEST_TEXT)


class QuestionsBlock(SectionBlock):
    title = blocks.CharBlock(label=_("标题"), max_length=LONGEST_TITLE, default="您问我答")
    entries = blocks.ListBlock(QuestionBlock(), label=_("问答"))

    class Meta:
        icon = "help"
        label = _("问答")
        description = _("业主常问的问题和回答。")
        preview_value: ClassVar = {
            "title": "您问我答",
            "entries": [{"question": "地暖多久清洗一次？", "answer": "建议两个采暖季清洗一次。"}],
        }


class NoticeBlock(SectionBlock):
    title = blocks.CharBlock(label=_("标题"), max_length=LONGEST_TITLE)
    body = TextBlock(label=_("正文"))
    until = blocks.DateBlock(label=_("有效至"), required=False)

    class Meta:
        icon = "warning"
        label = _("通知")
        description = _("停水、检修、办证等有时效的通知。")
        preview_value: ClassVar = {
            "title": "采暖试水",
            "body": "<p>周六上午家中请留人。</p>",
            "until": date(2026, 11, 30),
        }


class IssueBlock(blocks.StreamBlock):
    cover = CoverBlock()
    letter = LetterBlock()
    milestones = MilestonesBlock()
    cases = CasesBlock()
    activities = ActivitiesBlock()
    article = ArticleBlock()
    questions = QuestionsBlock()
    notice = NoticeBlock()

    class Meta:
        block_counts: ClassVar = {"cover": {"max_num": 1}, "letter": {"max_num": 1}}
