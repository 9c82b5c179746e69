from __future__ import annotations

import json

from django import template
from django.conf import settings
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from wagtail.models import Page

from media.models import PublicPhoto
from website.footer import footer_links
from website.models import HomePage, PublicPage

register = template.Library()
FOR_SCRIPT = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.simple_tag
def site_name() -> str:
    return str(HomePage.objects.values_list("title", flat=True).first() or settings.WAGTAIL_SITE_NAME)


@register.simple_tag
def site_menu() -> list[Page]:
    """The published pages right below the first page that belong into the menu, in the order of the tree."""
    home = HomePage.objects.first()
    return list(home.get_children().live().public().in_menu()) if home else []


register.simple_tag(footer_links)


@register.simple_tag
def public_photo_url(photo: PublicPhoto, size: str) -> str:
    """With the host: for other sites and for mail."""
    return f"{settings.SITE_URL}{photo.sized(size).url}"


@register.simple_tag(takes_context=True)
def show_photo(context: Context, photo: PublicPhoto, size: str, loading: str = "lazy") -> SafeString:
    """The photo with its size reserved, so that nothing jumps. One that is not public is told of to its editor only."""
    if not photo.is_served:
        return missing_photo(photo) if is_preview(context) else SafeString()
    shown = photo.sized(size)
    small = photo.sized("small")
    return format_html(
        '<img src="{}" srcset="{} {}w, {} {}w" sizes="(max-width: 720px) 100vw, 720px" '
        'width="{}" height="{}" alt="{}" loading="{}">',
        shown.url,
        small.url,
        small.width,
        shown.url,
        shown.width,
        shown.width,
        shown.height,
        photo.alternative,
        loading,
    )


def is_preview(context: Context) -> bool:
    """Whether the page is shown to those who write it."""
    return bool(getattr(context.get("request"), "is_preview", False))


def missing_photo(photo: PublicPhoto) -> SafeString:
    told = _("照片“%(title)s”还没有审看，或已撤下：读者看不到它。请到“公开照片”审看，或换一张。") % {"title": photo}
    return format_html('<p class="photo-missing" role="note">{}</p>', told)


@register.simple_tag
def structured_data(page: PublicPage) -> SafeString:
    """What the page is, for search engines (schema.org)."""
    told: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "WebSite" if isinstance(page, HomePage) else "Article",
        "url": page.full_url,
        ("name" if isinstance(page, HomePage) else "headline"): page.title,
        "inLanguage": "zh-CN",
    }
    if page.summary:
        told["description"] = page.summary
    if page.first_published_at and not isinstance(page, HomePage):
        told["datePublished"] = page.first_published_at.isoformat()
        told["dateModified"] = (page.last_published_at or page.first_published_at).isoformat()
    if page.shown_picture:
        told["image"] = public_photo_url(page.shown_picture, "mail")
    text = json.dumps(told, ensure_ascii=False).translate(FOR_SCRIPT)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308  escaped for a script
