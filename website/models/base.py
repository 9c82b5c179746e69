from __future__ import annotations

from typing import TYPE_CHECKING, Self

from csp.constants import SELF, UNSAFE_INLINE
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PublishingPanel
from wagtail.models import Page, PageManager
from wagtail.query import PageQuerySet

from estates.clean_pages import CleanedPage
from media.models import PublicPhoto
from search import index
from website.documents import KIND, public_document
from website.permissions import PublicPermissionTester

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from estates.access import Person

LONGEST_SUMMARY = 200
PREVIEW_POLICY = {"frame-ancestors": [SELF], "style-src": [SELF, UNSAFE_INLINE]}


class PublicQuerySet(PageQuerySet):
    def visible_to(self, user: Person) -> Self:
        """Whatever is published without a restriction is everybody's; drafts are read in the admin, by its
        permissions."""
        return self.live().public()

    def latest(self) -> Self:
        return self.order_by("-first_published_at", "-pk")


class PublicPage(CleanedPage, Page):
    """A page of the public website: for everybody once it is published, found by the site's own search."""

    summary = models.CharField(
        _("摘要"), max_length=LONGEST_SUMMARY, blank=True, help_text=_("一两句话，用在列表、搜索结果和转发卡片里。")
    )
    picture = models.ForeignKey(
        PublicPhoto, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("题图")
    )

    objects = PageManager.from_queryset(PublicQuerySet)()

    search_auto_update = False
    content_panels = [*Page.content_panels, FieldPanel("summary"), FieldPanel("picture")]
    promote_panels = [
        MultiFieldPanel([FieldPanel("slug"), FieldPanel("seo_title"), FieldPanel("show_in_menus")], _("地址和菜单"))
    ]
    settings_panels = [PublishingPanel()]

    class Meta:
        abstract = True

    @property
    def published_on(self) -> str:
        moment = self.first_published_at or self.latest_revision_created_at or timezone.now()
        return f"{timezone.localtime(moment):%Y-%m-%d}"

    @property
    def shown_picture(self) -> PublicPhoto | None:
        """The picture, as long as it is public."""
        return self.picture if self.picture and self.picture.is_served else None

    @property
    def text_for_search(self) -> str:
        """All that a reader could read on the page."""
        return str(self.summary)

    def save(self, *args: object, **kwargs: object) -> None:
        """Rows and their search document never differ: both are written in one transaction."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            if self.live and not self.get_view_restrictions().exists():
                index.put([public_document(self)])
            else:
                index.remove(KIND, [self.pk])

    def delete(self, *args: object, **kwargs: object) -> object:
        """With everything below it, as Wagtail does."""
        with transaction.atomic():
            index.remove(KIND, list(Page.objects.descendant_of(self, inclusive=True).values_list("pk", flat=True)))
            return super().delete(*args, **kwargs)

    def permissions_for_user(self, user: Person) -> PublicPermissionTester:
        return PublicPermissionTester(user, self)

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        context: dict[str, object] = super().get_context(request, *args, **kwargs)
        return context | {"trail": self.trail()}

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """In the editor's frame: the public pages themselves may stand in none."""
        response: HttpResponse = self.previewed(request, mode_name)
        response._csp_replace = PREVIEW_POLICY  # type: ignore[attr-defined]
        return response

    def previewed(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        return super().serve_preview(request, mode_name)

    def trail(self) -> list[Page]:
        """The pages from the site's first page down to this one's parent."""
        return list(self.get_ancestors().live().filter(depth__gt=1))
