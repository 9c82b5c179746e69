from __future__ import annotations

from dataclasses import replace

from django import template
from django.conf import settings
from django.utils.safestring import SafeString

from magazine.content import Entry
from magazine.rendering.markup import to_html
from media.models import PublicPhoto, ShownPhoto

register = template.Library()


@register.simple_tag
def public_photo_shown(photo: PublicPhoto, width: int) -> ShownPhoto:
    """For a mail: with the host, of the size that mail programs get."""
    shown = photo.sized("mail")
    return replace(shown, url=f"{settings.SITE_URL}{shown.url}", width=min(shown.width, width))


@register.simple_tag
def entry_html(entry: Entry) -> SafeString:
    return to_html(entry.paragraphs)
