"""Paragraphs as HTML: plain for the web page, with inline styles for mail programs, which know no style sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from website.reading import Paragraph, Run, words_of

TAGS = {"p": "p", "h": "h4", "quote": "blockquote"}
SAFE_LINKS = ("https://", "http://", "mailto:", "tel:", "#", "/")


MAIL: Mapping[str, str] = {
    "p": "margin:0 0 12px;line-height:1.75;",
    "h4": "margin:14px 0 4px;font-size:15px;line-height:1.5;font-weight:700;",
    "blockquote": "margin:0 0 12px;padding:0 0 0 12px;border-left:3px solid #0f6068;line-height:1.75;",
    "li": "margin:0 0 6px;line-height:1.7;",
    "a": "color:#0f6068;text-decoration:underline;",
}
PLAIN: Mapping[str, str] = {}


def to_html(paragraphs: Iterable[Paragraph], styles: Mapping[str, str] = PLAIN) -> SafeString:
    """Everything of the text escaped; lists put together from their items."""
    made = []
    for kind, group in groupby(paragraphs, key=lambda one: one["kind"]):
        if kind in ("ul", "ol"):
            items = "".join(_element("li", one["runs"], styles) for one in group)
            made.append(f"<{kind}{_style('margin:0 0 12px;padding:0 0 0 22px;' if styles else '')}>{items}</{kind}>")
        else:
            made += [_element(TAGS.get(kind, "p"), one["runs"], styles) for one in group]
    return mark_safe("".join(made))  # noqa: S308  put together from escaped parts


def _element(tag: str, runs: Iterable[Run], styles: Mapping[str, str]) -> str:
    return f"<{tag}{_style(styles.get(tag, ''))}>{''.join(_run(run, styles) for run in runs)}</{tag}>"


def _run(run: Run, styles: Mapping[str, str]) -> str:
    text = escape(run["text"]).replace("\n", "<br/>")
    if run["bold"]:
        text = f"<b>{text}</b>"
    if run["href"].startswith(SAFE_LINKS):
        return f'<a href="{escape(run["href"])}"{_style(styles.get("a", ""))}>{text}</a>'
    return text


def _style(style: str) -> str:
    return f' style="{style}"' if style else ""


def shortened(paragraphs: Iterable[Paragraph], most: int) -> tuple[list[Paragraph], bool]:
    """Whole paragraphs of together no more than so many characters, but at least one; and whether more follow."""
    kept: list[Paragraph] = []
    length = 0
    for paragraph in paragraphs:
        length += len(words_of(paragraph))
        if kept and length > most:
            return kept, True
        kept.append(paragraph)
    return kept, False
