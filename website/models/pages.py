"""The plain pages with which staff build the public website and the club's handbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from website.blocks import BodyBlock
from website.models.base import PublicPage
from website.permissions import LastingPermissionTester
from website.reading import plain_text

if TYPE_CHECKING:
    from django.http import HttpRequest

    from estates.access import Person

PAGE_SIZE = 20
PLAIN = ["website.SectionPage", "website.ArticlePage", "website.NoticePage", "website.ListingPage"]
LATEST = 6


class WithBody(PublicPage):
    body = StreamField(BodyBlock(), verbose_name=_("内容"), blank=True)

    content_panels = [*PublicPage.content_panels, FieldPanel("body")]

    class Meta:
        abstract = True

    @property
    def text_for_search(self) -> str:
        return f"{self.summary}\n{plain_text(self.body)}"


class HomePage(PublicPage):
    """The first page of the public website: the sections in its menu, what is new below."""

    welcome = StreamField(BodyBlock(), verbose_name=_("欢迎的话"), blank=True)

    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = [*PLAIN, "website.HandbookPage", "magazine.MagazineIndexPage"]
    content_panels = [*PublicPage.content_panels, FieldPanel("welcome")]
    template = "website/home.html"

    class Meta:
        verbose_name = _("网站首页")
        verbose_name_plural = _("网站首页")

    @property
    def text_for_search(self) -> str:
        return f"{self.summary}\n{plain_text(self.welcome)}"

    def permissions_for_user(self, user: Person) -> LastingPermissionTester:
        return LastingPermissionTester(user, self)

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        below = Page.objects.live().public().descendant_of(self)
        today = timezone.localdate()
        notices = (
            NoticePage.objects.live()
            .public()
            .public()
            .filter(models.Q(valid_until=None) | models.Q(valid_until__gte=today))
        )
        told = below.type(ArticlePage).order_by("-first_published_at")
        context: dict[str, object] = super().get_context(request, *args, **kwargs)
        return context | {
            "notices": notices.latest()[:LATEST],
            "articles": told.specific()[:LATEST],
            "sections": below.child_of(self).filter(show_in_menus=True).specific(),
        }


class SectionPage(WithBody):
    """A part of the site: an introduction, then what lies in it."""

    parent_page_types = ["website.HomePage", "website.SectionPage"]
    subpage_types = [*PLAIN, "website.HandbookPage"]
    template = "website/section.html"

    class Meta:
        verbose_name = _("栏目")
        verbose_name_plural = _("栏目")

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        context: dict[str, object] = super().get_context(request, *args, **kwargs)
        return context | {"children": Page.objects.live().public().child_of(self).specific()}


class ArticlePage(WithBody):
    author = models.CharField(_("作者"), max_length=60, blank=True)

    parent_page_types = ["website.HomePage", "website.SectionPage", "website.ListingPage"]
    subpage_types: list[str] = []
    content_panels = [*PublicPage.content_panels, FieldPanel("author"), FieldPanel("body")]
    template = "website/article.html"

    class Meta:
        verbose_name = _("文章")
        verbose_name_plural = _("文章")


class NoticePage(WithBody):
    """Something that holds for a time; afterwards it stays readable and leaves the first page."""

    valid_until = models.DateField(_("有效至"), null=True, blank=True)

    parent_page_types = ["website.HomePage", "website.SectionPage", "website.ListingPage"]
    subpage_types: list[str] = []
    content_panels = [*PublicPage.content_panels, FieldPanel("valid_until"), FieldPanel("body")]
    template = "website/article.html"

    class Meta:
        verbose_name = _("公告")
        verbose_name_plural = _("公告")

    @property
    def is_over(self) -> bool:
        return bool(self.valid_until and self.valid_until < timezone.localdate())


class ListingPage(PublicPage):
    """Articles and notices, the latest first, by the page."""

    parent_page_types = ["website.HomePage", "website.SectionPage"]
    subpage_types = ["website.ArticlePage", "website.NoticePage"]
    template = "website/listing.html"

    class Meta:
        verbose_name = _("列表页")
        verbose_name_plural = _("列表页")

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        entries = Page.objects.live().public().child_of(self).order_by("-first_published_at", "-pk").specific()
        context: dict[str, object] = super().get_context(request, *args, **kwargs)
        return context | {"entries": Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))}


class HandbookPage(WithBody):
    """The handbook and its chapters: each knows the one before and the one after, in reading order."""

    parent_page_types = ["website.HomePage", "website.SectionPage", "website.HandbookPage"]
    subpage_types = ["website.HandbookPage"]
    template = "website/handbook.html"

    class Meta:
        verbose_name = _("手册")
        verbose_name_plural = _("手册")

    def whole(self) -> list[Page]:
        """The handbook that this chapter belongs to, in reading order; its first page begins it."""
        above = self.get_ancestors(inclusive=True).type(HandbookPage).order_by("depth").first()
        return list(Page.objects.live().public().descendant_of(above, inclusive=True).order_by("path"))

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        chapters = self.whole()
        places = [chapter.pk for chapter in chapters]
        here = places.index(self.pk) if self.pk in places else 0
        context: dict[str, object] = super().get_context(request, *args, **kwargs)
        return context | {
            "chapters": chapters,
            "before": chapters[here - 1] if here else None,
            "after": chapters[here + 1] if here + 1 < len(chapters) else None,
        }
