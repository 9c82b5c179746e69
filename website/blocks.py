"""What a public page is put together from. Every block explains itself: icon, words, a preview."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from media.choosers import public_photo_viewset

FEATURES = ["h3", "bold", "ol", "ul", "link", "blockquote"]
"""What rich text may hold: all of it can be shown on a page, in a mail and on paper."""

PublicPhotoChooserBlock = public_photo_viewset.get_block_class(
    name="PublicPhotoChooserBlock", module_path="website.blocks"
)


class PictureBlock(blocks.StructBlock):
    photo = PublicPhotoChooserBlock(label=_("公开照片"))
    caption = blocks.CharBlock(label=_("照片说明"), required=False, max_length=120)

    class Meta:
        icon = "image"
        label = _("照片")
        description = _("一张已经处理过的公开照片，可以加一句说明。")
        template = "website/blocks/picture.html"
        preview_template = "website/blocks/picture_preview.html"
        preview_value = {"caption": "示例小区的春天"}


class TextBlock(blocks.RichTextBlock):
    def __init__(self, **kwargs: object) -> None:
        super().__init__(features=FEATURES, **kwargs)

    class Meta:
        icon = "pilcrow"
        label = _("正文")
        description = _("段落、小标题、列表、引用和链接。")
        template = "website/blocks/text.html"
        preview_value = "<h3>怎样报修</h3><p>请通过<b>会员小程序</b>或物业前台登记，我们在 24 小时内回复。</p>"


class QuoteBlock(blocks.StructBlock):
    words = blocks.TextBlock(label=_("引语"), max_length=400)
    who = blocks.CharBlock(label=_("出自"), required=False, max_length=60)

    class Meta:
        icon = "openquote"
        label = _("引语")
        description = _("一段突出显示的话，写明出自哪里。")
        template = "website/blocks/quote.html"
        preview_value = {"words": "把每一次返修，都变成下一张图纸上的一行字。", "who": "客户服务部"}


class FactBlock(blocks.StructBlock):
    label = blocks.CharBlock(label=_("名目"), max_length=40)
    value = blocks.CharBlock(label=_("内容"), max_length=200)


class FactsBlock(blocks.StructBlock):
    facts = blocks.ListBlock(FactBlock(), label=_("名目和内容"), min_num=1)

    class Meta:
        icon = "list-ul"
        label = _("要点表")
        description = _("名目对内容的小表，例如时间、地点、电话。")
        template = "website/blocks/facts.html"
        preview_value = {
            "facts": [{"label": "时间", "value": "每周六 9:00–11:00"}, {"label": "地点", "value": "会所一层"}]
        }


class BodyBlock(blocks.StreamBlock):
    """The body of an article, a notice or a chapter of the handbook."""

    text = TextBlock()
    picture = PictureBlock()
    quote = QuoteBlock()
    facts = FactsBlock()
