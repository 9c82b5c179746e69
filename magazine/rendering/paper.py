"""An issue on paper, by Typst: the magazine in two columns, and the letter for readers without mail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.printing import missing_glyphs, printable, typeset, typeset_pages
from magazine.content import Content, Entry
from media.models import PublicPhoto
from media.public_photos import open_size
from website.reading import Paragraph

FOLDER = Path(__file__).parent.parent / "printing"
BLEED_MM = 3
LETTER_KINDS = ("letter", "milestones", "notice")
"""What the letter brings in full; of the rest it names the titles."""

COVER_WIDTH_MM = 210
COLUMN_WIDTH_MM = 84
LEAST_DPI = 150
MM_PER_INCH = 25.4


class MissingGlyphs(ValueError):
    """Characters that the fonts lack; nothing is printed without them. `places` says where each stands."""

    def __init__(self, places: list[tuple[str, str]]) -> None:
        self.places = places
        told = _("；").join(f"{char}（{place}）" for char, place in places)
        super().__init__(_("印刷字库里没有这些字：%(told)s。请换一种写法。") % {"told": told})


def magazine_pdf(content: Content, *, bleed: bool = False) -> bytes:
    """Raises MissingGlyphs. With `bleed`, 3 mm more on each side and marks where to cut."""
    return typeset(FOLDER / "magazine.typ", _magazine_data(content, bleed=bleed), _files(content))


def magazine_pages(content: Content) -> list[bytes]:
    """The pages as PNG, for looking at; characters that cannot be printed stand as 〓."""
    return typeset_pages(FOLDER / "magazine.typ", _magazine_data(content, strict=False), _files(content))


def letter_pdf(content: Content) -> bytes:
    """Raises MissingGlyphs."""
    return typeset(FOLDER / "letter.typ", _letter_data(content), {})


def letter_pages(content: Content) -> list[bytes]:
    return typeset_pages(FOLDER / "letter.typ", _letter_data(content, strict=False), {})


def glyphs_missing_in(content: Content) -> list[tuple[str, str]]:
    """Each character that cannot be printed, with the place where it stands."""
    return [(char, place) for place, text in content.texts for char in missing_glyphs(text)]


def photos_too_small(content: Content) -> list[str]:
    """Places of photos that would be printed with fewer than 150 dots per inch."""
    small = []
    for place, photo in content.pictures:
        width = COVER_WIDTH_MM if photo == content.cover else COLUMN_WIDTH_MM
        if photo.sized("large").width < width / MM_PER_INCH * LEAST_DPI:
            small.append(place)
    return small


def _magazine_data(content: Content, *, bleed: bool = False, strict: bool = True) -> dict[str, object]:
    if strict and (places := glyphs_missing_in(content)):
        raise MissingGlyphs(places)
    return {
        "title": _shown(content.title),
        "subtitle": _shown(content.subtitle),
        "headline": _shown(content.headline),
        "lead": _shown(content.lead),
        "contents": _("目录"),
        "bleed": BLEED_MM if bleed else 0,
        "cover": _name(content.cover) if content.cover else "",
        "sections": [
            {"kind": s.kind, "title": _shown(s.title), "entries": [_entry(e, s.title) for e in s.entries]}
            for s in content.sections
        ],
    }


def _entry(entry: Entry, above: str) -> dict[str, object]:
    return {
        "title": _shown(entry.title) if entry.title != above else "",
        "meta": _shown(entry.meta),
        "paragraphs": [_paragraph(one) for one in entry.paragraphs],
        "pictures": [{"file": _name(p.photo), "caption": _shown(p.caption)} for p in entry.pictures],
    }


def _paragraph(paragraph: Paragraph) -> dict[str, Any]:
    runs = [{**run, "text": _shown(run["text"])} for run in paragraph["runs"]]
    return {"kind": paragraph["kind"], "number": paragraph.get("number", 0), "runs": runs}


def _letter_data(content: Content, *, strict: bool = True) -> dict[str, object]:
    if strict and (places := glyphs_missing_in(content)):
        raise MissingGlyphs(places)
    full = [s for s in content.sections if s.kind in LETTER_KINDS]
    named = [entry.title for s in content.sections if s.kind not in LETTER_KINDS for entry in s.entries]
    return {
        "title": _shown(content.title),
        "subtitle": _shown(content.subtitle),
        "day": f"{timezone.localdate():%Y-%m-%d}",
        "to": _("收件人："),
        "sections": [{"title": _shown(s.title), "entries": [_entry(e, s.title) for e in s.entries]} for s in full],
        "more": _("本期还有："),
        "named": [_shown(title) for title in named],
        "where": _("全文请看 %(url)s，也可向物业前台索取印刷本。") % {"url": f"{settings.SITE_URL}/site/"},
    }


def _shown(text: str) -> str:
    return printable(text).text


def _name(photo: PublicPhoto) -> str:
    return f"{photo.pk}.jpg"


def _files(content: Content) -> dict[str, bytes]:
    files = {}
    for _place, photo in content.pictures:
        if _name(photo) not in files:
            with open_size(photo, "large") as stream:
                files[_name(photo)] = stream.read()
    return files
