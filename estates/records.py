"""What every record page has in common: facts that no version changes, a lasting key, no address of Wagtail's."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Self

from csp.constants import NONE, SELF
from django.http import Http404, HttpResponse
from django.shortcuts import render
from wagtail.models import Page
from wagtail.query import PageQuerySet

from estates.clean_pages import CleanedPage
from estates.filing_plan import record_key

if TYPE_CHECKING:
    from django.http import HttpRequest


SLUG = re.compile(r"[a-z][0-9a-f]{16}")


def opaque_slug(kind: str) -> str:
    """Given once, never changed; it says nothing about the record. `kind` is one small letter."""
    return f"{kind}{secrets.token_hex(8)}"


PREVIEW_POLICY = {"frame-ancestors": [SELF], "form-action": [NONE]}


class RecordQuerySet(PageQuerySet):
    def with_key(self, key: str) -> RecordPage | None:
        """The record with this number or, also after it got its number, this slug: what was a record's address leads
        to it for good. A number may be typed in any width and case."""
        written = record_key(key)
        named_by_slug = SLUG.fullmatch(written.lower())
        one = self.filter(slug=written.lower()) if named_by_slug else self.filter(number=written.upper())
        return next(iter(one.order_by()[:1]), None)


class RecordPage(CleanedPage, Page):
    """A numbered record. The FACTS belong to the record, not to a version: no revision, revert or stale form changes
    them."""

    FACTS: tuple[str, ...] = ()
    number: str | None

    subpage_types: list[str] = []
    promote_panels: list[object] = []
    settings_panels: list[object] = []
    search_auto_update = False
    preview_template = ""
    """Empty: there is nothing to preview."""

    class Meta:
        abstract = True

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        return list(Page.DEFAULT_PREVIEW_MODES) if self.preview_template else []

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """This version as its readers will see it, in the editor's frame: to look at, nothing to press."""
        if not self.preview_template:
            raise Http404
        response = render(request, self.preview_template, self.preview_context())
        response._csp_replace = PREVIEW_POLICY  # type: ignore[attr-defined]
        return response

    def preview_context(self) -> dict[str, object]:
        return {"is_preview": True}

    @property
    def key(self) -> str:
        """What the lasting address names: the number, or before it the slug."""
        return self.number or str(self.slug)

    @classmethod
    def can_create_at(cls, parent: Page) -> bool:
        """Records begin with a form of ours, which asks for their place first."""
        return False

    def with_content_json(self, content: dict[str, object]) -> Self:
        restored: Self = super().with_content_json(content)
        for fact in self.FACTS:
            setattr(restored, fact, getattr(self, fact))
        restored.url_path = self.url_path
        return restored

    def get_url_parts(self, request: HttpRequest | None = None) -> None:
        """No public address: records are served by our own views, never by Wagtail's page route."""
        return
