from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from media.models import PublicPhoto

register = template.Library()


@register.simple_tag
def public_photo(photo: PublicPhoto, size: str) -> SafeString:
    shown = photo.sized(size)
    return format_html(
        '<img src="{}" width="{}" height="{}" alt="{}" loading="lazy">',
        shown.url,
        shown.width,
        shown.height,
        photo.alternative,
    )
