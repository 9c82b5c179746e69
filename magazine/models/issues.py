from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.validators import RegexValidator
from django.db import models
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import StreamField

from magazine.blocks import IssueBlock
from magazine.content import Content, content_of
from magazine.permissions import IssuePermissionTester
from magazine.previews import PREVIEWS
from magazine.rendering.paper import glyphs_missing_in
from media.models import PublicPhoto
from website.models import PublicPage
from website.permissions import LastingPermissionTester
from website.reading import plain_text

if TYPE_CHECKING:
    from django.http import HttpRequest

    from estates.access import Person

MONTH = RegexValidator(r"\A20\d\d-(0[1-9]|1[0-2])\Z", gettext_lazy("月份请写成 2026-11。"))


class MagazineIndexPage(PublicPage):
    """The magazine's own page: the latest issue, and all issues before it, by year."""

    max_count = 1
    parent_page_types = ["website.HomePage"]
    subpage_types = ["magazine.IssuePage"]
    template = "magazine/index.html"

    class Meta:
        verbose_name = gettext_lazy("会刊")
        verbose_name_plural = gettext_lazy("会刊")

    def permissions_for_user(self, user: Person) -> LastingPermissionTester:
        return LastingPermissionTester(user, self)

    def issues(self) -> models.QuerySet[IssuePage]:
        return IssuePage.objects.live().public().child_of(self).order_by("-month", "-number")

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        context: dict[str, object] = super().get_context(request, *args, **kwargs)
        return context | {"issues": self.issues()}


class IssuePage(PublicPage):
    """One issue of the member magazine: one source for the web page, the mail, the PDF and the printed letter."""

    number = models.PositiveIntegerField(gettext_lazy("期号"))
    month = models.CharField(gettext_lazy("月份"), max_length=7, validators=[MONTH], help_text="2026-11")
    body = StreamField(IssueBlock(), verbose_name=gettext_lazy("内容"), blank=True)

    parent_page_types = ["magazine.MagazineIndexPage"]
    subpage_types: list[str] = []
    content_panels = [
        PublicPage.content_panels[0],
        FieldRowPanel([FieldPanel("number"), FieldPanel("month")]),
        *PublicPage.content_panels[1:],
        FieldPanel("body"),
    ]
    template = "magazine/issue.html"

    class Meta:
        verbose_name = gettext_lazy("会刊一期")
        verbose_name_plural = gettext_lazy("会刊各期")

    def permissions_for_user(self, user: Person) -> IssuePermissionTester:
        return IssuePermissionTester(user, self)

    @property
    def subtitle(self) -> str:
        return _("%(month)s · 第 %(number)d 期") % {"month": self.month, "number": self.number}

    @property
    def masthead(self) -> str:
        """The name of the magazine."""
        return str(MagazineIndexPage.objects.values_list("title", flat=True).first() or _("会刊"))

    @property
    def subject(self) -> str:
        """Of its mail: the magazine, the month where the headline does not tell it, the headline."""
        headline = self.content.headline
        told = headline if self.month in headline else f"{self.month}：{headline}"
        return f"{self.masthead} {told}"[:150]

    @property
    def text_for_search(self) -> str:
        return f"{self.summary}\n{plain_text(self.body)}"

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        return [("", _("网页")), ("mail", _("邮件")), ("pdf", "PDF"), ("letter", _("纸质信"))]

    @property
    def year(self) -> str:
        return str(self.month)[:4]

    @property
    def cover_photo(self) -> PublicPhoto | None:
        return self.content.cover

    @property
    def can_be_printed(self) -> bool:
        return not glyphs_missing_in(self.content)

    @property
    def content(self) -> Content:
        return content_of(self)

    def previewed(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Each medium as its readers get it; paper as pictures of its pages."""
        if mode_name and mode_name not in PREVIEWS:
            raise Http404
        return PREVIEWS[mode_name](self, request) if mode_name else super().previewed(request, mode_name)
