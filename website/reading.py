"""Rich text as its words and its shape: for search, for mail's text part, for paper."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, NotRequired, TypedDict

from wagtail.rich_text import RichText

from text.cleaning import clean

BLOCKS = {"p": "p", "h2": "h", "h3": "h", "h4": "h", "blockquote": "quote", "div": "p"}
LISTS = ("ul", "ol")


class Run(TypedDict):
    """Words of one kind, in a row; `href` is empty for no link."""

    text: str
    bold: bool
    href: str


class Paragraph(TypedDict):
    """`kind`: p, h, quote, ul or ol (an item of a list). `number`: of an item of an ordered list, from 1."""

    kind: str
    runs: list[Run]
    number: NotRequired[int]


@dataclass
class _Reader(HTMLParser):
    paragraphs: list[Paragraph] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    bold: int = 0
    href: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in LISTS:
            self.lists.append(tag)
            self.counts.append(0)
        elif tag == "li":
            self._begin(self.lists[-1] if self.lists else "ul")
            if self.lists and self.lists[-1] == "ol":
                self.counts[-1] += 1
                self.paragraphs[-1]["number"] = self.counts[-1]
        elif tag in BLOCKS:
            self._begin(BLOCKS[tag])
        elif tag in ("b", "strong"):
            self.bold += 1
        elif tag == "a":
            self.href = dict(attrs).get("href") or ""
        elif tag == "br":
            self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in LISTS and self.lists:
            self.lists.pop()
            self.counts.pop()
        elif tag in ("b", "strong"):
            self.bold = max(self.bold - 1, 0)
        elif tag == "a":
            self.href = ""

    def handle_data(self, data: str) -> None:
        if not self.paragraphs:
            if not data.strip():
                return
            self._begin("p")
        self.paragraphs[-1]["runs"].append({"text": data, "bold": bool(self.bold), "href": self.href})

    def _begin(self, kind: str) -> None:
        self.paragraphs.append({"kind": kind, "runs": []})


def paragraphs_of(html: str) -> list[Paragraph]:
    """The paragraphs of rich text, without those that say nothing."""
    reader = _Reader()
    reader.feed(clean(html))
    reader.close()
    return [one for one in reader.paragraphs if "".join(run["text"] for run in one["runs"]).strip()]


def words_of(paragraph: Paragraph) -> str:
    return "".join(run["text"] for run in paragraph["runs"]).strip()


def plain_text(stream: Iterable[Any]) -> str:
    """All words of a stream of blocks, a line each paragraph."""
    return "\n".join(line for block in stream for line in _lines(block.value))


def _lines(value: Any) -> Iterable[str]:
    """Words of rich text, text, structures and lists; a photo, a page and a number say none."""
    if isinstance(value, RichText):
        yield from (words_of(one) for one in paragraphs_of(value.source))
    elif isinstance(value, str):
        yield re.sub(r"\s+", " ", value)
    elif hasattr(value, "items"):
        for part in value.values():
            yield from _lines(part)
    elif isinstance(value, Iterable):
        for part in value:
            yield from _lines(getattr(part, "value", part))
