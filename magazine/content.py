"""An issue as neutral content: what the web page, the mail, the text part and the PDF are all made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _
from wagtail.blocks.list_block import ListValue
from wagtail.rich_text import expand_db_html

from casebook.sheets import impersonal
from media.models import PublicPhoto
from website.reading import Paragraph, paragraphs_of

if TYPE_CHECKING:
    from magazine.models import IssuePage

QUOTES_ITSELF = ("letter", "article", "notice")
"""Sections of one text, whose title is the section's."""


@dataclass(frozen=True, slots=True)
class Picture:
    photo: PublicPhoto
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """`meta` is one line about it: a date, a place, an author."""

    title: str
    meta: str = ""
    paragraphs: tuple[Paragraph, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """`kind` is the block's name; `anchor` leads to it on the web page and in the table of contents."""

    kind: str
    anchor: str
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """`title` is the magazine's name, `headline` the issue's own."""

    title: str
    subtitle: str
    headline: str = ""
    lead: str = ""
    cover: PublicPhoto | None = None
    sections: tuple[Section, ...] = field(default=())
    missing: tuple[tuple[str, PublicPhoto], ...] = ()
    """Photos that nobody may see now, with the place where they would stand: not judged yet, or withdrawn."""

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        """Every text with the place where it stands, in words."""
        yield _("封面"), f"{self.title}\n{self.subtitle}\n{self.headline}\n{self.lead}"
        for section in self.sections:
            yield section.title, section.title
            for entry in section.entries:
                place = " › ".join(filter(None, [section.title, entry.title if entry.title != section.title else ""]))
                yield place, "\n".join([entry.title, entry.meta, *_lines(entry)])

    @property
    def pictures(self) -> Iterator[tuple[str, PublicPhoto]]:
        """Every photo with the place where it stands."""
        if self.cover:
            yield _("封面"), self.cover
        for section in self.sections:
            for entry in section.entries:
                for picture in entry.pictures:
                    yield f"{section.title} › {entry.title}", picture.photo

    @property
    def links(self) -> Iterator[tuple[str, str]]:
        for section in self.sections:
            for entry in section.entries:
                for paragraph in entry.paragraphs:
                    for run in paragraph["runs"]:
                        if run["href"]:
                            yield f"{section.title} › {entry.title}", run["href"]


def _lines(entry: Entry) -> Iterator[str]:
    for paragraph in entry.paragraphs:
        yield "".join(run["text"] for run in paragraph["runs"])
    yield from (picture.caption for picture in entry.pictures)


def content_of(issue: IssuePage) -> Content:
    """The issue as the given version says it; a draft as well as what is published."""
    cover, sections = None, []
    for position, block in enumerate(issue.body):
        if block.block_type == "cover":
            cover = block.value
        else:
            sections.append(section_of(block.block_type, block.value, f"s{position + 1}"))
    photo = cover["photo"] if cover else issue.picture
    return Content(
        title=issue.masthead,
        subtitle=issue.subtitle,
        headline=cover["headline"] if cover else issue.title,
        lead=(cover["lead"] or "") if cover else issue.summary,
        cover=photo if photo and photo.is_served else None,
        sections=tuple(sections),
        missing=tuple(_missing(issue, photo)),
    )


def photo_versions(content: Content) -> dict[str, int]:
    """Which photos the content shows, and in which version each: what was frozen with others is out of date."""
    return {str(photo.pk): photo.revision for _place, photo in content.pictures}


def _missing(issue: IssuePage, cover: PublicPhoto | None) -> Iterator[tuple[str, PublicPhoto]]:
    if cover and not cover.is_served:
        yield _("封面"), cover
    for block in issue.body:
        if block.block_type != "cover":
            yield from ((block.value["title"], one) for one in _photos_in(block.value) if not one.is_served)


def _photos_in(value: Any) -> Iterator[PublicPhoto]:
    """Every photo in the value of a block, however deep."""
    if isinstance(value, PublicPhoto):
        yield value
    elif hasattr(value, "items"):
        for part in value.values():
            yield from _photos_in(part)
    elif isinstance(value, ListValue):
        for part in value:
            yield from _photos_in(part)


def section_of(kind: str, value: Any, anchor: str) -> Section:
    """The content of one block; `kind` is the block's name, which is not the cover's."""
    if kind in QUOTES_ITSELF:
        return Section(kind, anchor, value["title"], (ALONE[kind](value),))
    entries = tuple(LISTED[kind](entry) for entry in value["entries"])
    return Section(kind, anchor, value["title"], entries)


def _letter(value: Any) -> Entry:
    return Entry(value["title"], value["signed"] or "", _rich(value["body"]))


def _article(value: Any) -> Entry:
    return Entry(value["title"], value["author"] or "", _rich(value["body"]), _pictures(value["photos"]))


def _notice(value: Any) -> Entry:
    until = _("有效至 %(day)s") % {"day": value["until"]} if value["until"] else ""
    return Entry(value["title"], until, _rich(value["body"]))


def _milestone(value: Any) -> Entry:
    title = f"{value['estate']} · {value['what']}"
    pictures = (Picture(value["photo"]),) if value["photo"] and value["photo"].is_served else ()
    return Entry(title, _day(value["day"]), _plain(value["text"]), pictures)


def _case(value: Any) -> Entry:
    """Whatever was edited since it was pulled: no unit and no person comes through."""
    told = (_labelled(_("发生了什么"), value["problem"]), _labelled(_("我们学到了什么"), value["lesson"]))
    pictures = tuple(Picture(one.photo, impersonal(one.caption)) for one in _pictures(value["photos"]))
    return Entry(impersonal(value["title"]), "", tuple(part for parts in told for part in parts), pictures)


def _labelled(label: str, text: str) -> list[Paragraph]:
    lines = _plain(impersonal(text))
    heading: Paragraph = {"kind": "h", "runs": [{"text": label, "bold": False, "href": ""}]}
    return [heading, *lines] if lines else []


def _activity(value: Any) -> Entry:
    meta = " · ".join(filter(None, [_day(value["day"]), value["place"]]))
    return Entry(value["title"], meta, _plain(value["text"]), _pictures(value["photos"]))


def _question(value: Any) -> Entry:
    return Entry(value["question"], "", _plain(value["answer"]))


ALONE: dict[str, Callable[[Any], Entry]] = {"letter": _letter, "article": _article, "notice": _notice}
LISTED: dict[str, Callable[[Any], Entry]] = {
    "milestones": _milestone,
    "cases": _case,
    "activities": _activity,
    "questions": _question,
}


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _pictures(value: Iterable[Any]) -> tuple[Picture, ...]:
    return tuple(
        Picture(one["photo"], one["caption"] or "") for one in value if one["photo"] and one["photo"].is_served
    )


def _plain(text: str | None) -> tuple[Paragraph, ...]:
    lines = [line.strip() for line in (text or "").splitlines()]
    return tuple({"kind": "p", "runs": [{"text": line, "bold": False, "href": ""}]} for line in lines if line)


def _rich(value: Any) -> tuple[Paragraph, ...]:
    paragraphs = paragraphs_of(expand_db_html(value.source)) if value else []
    for paragraph in paragraphs:
        for run in paragraph["runs"]:
            if run["href"].startswith("/"):
                run["href"] = settings.SITE_URL + run["href"]
    return tuple(paragraphs)
