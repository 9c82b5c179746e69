"""An issue as a mail: MJML becomes tables with inline styles; the same content as text beside it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from mjml import mjml2html

from magazine.content import Content, Entry, Section
from magazine.links import LEAVE, WISHES, MailLinks
from magazine.rendering.markup import MAIL, shortened, to_html
from website.reading import words_of

MOST_IN_MAIL = 420
"""Characters of an article that the mail brings; the rest is read on the web."""

WIDTH = 72
PICTURE_WIDTH = 560


@dataclass(frozen=True, slots=True)
class _Told:
    """An entry as the mail shows it."""

    entry: Entry
    html: str
    is_cut: bool


def mail_html(content: Content, links: MailLinks) -> str:
    """The links of the one recipient stand as marks; `magazine.messages` puts his own in."""
    sections = [(section, [_told(entry) for entry in section.entries]) for section in content.sections]
    context = {
        "content": content,
        "sections": sections,
        "links": links,
        "leave": LEAVE,
        "wishes": WISHES,
        "preheader": content.lead or _preheader(content),
        "width": PICTURE_WIDTH,
    }
    return str(mjml2html(render_to_string("magazine/mail/issue.mjml", context), disable_comments=True))


def _told(entry: Entry) -> _Told:
    kept, is_cut = shortened(entry.paragraphs, MOST_IN_MAIL)
    return _Told(entry, to_html(kept, MAIL), is_cut)


def _preheader(content: Content) -> str:
    return _("、").join(section.title for section in content.sections[:4])


def mail_text(content: Content, links: MailLinks) -> str:
    """For those who read mail as text: whole, with every address written out."""
    lines = [content.title, content.subtitle, ""]
    lines += [line for line in (content.headline, content.lead, "") if line or content.headline]
    for section in content.sections:
        lines += _section_text(section)
    lines += ["—" * 20, _("网页版：%(url)s") % {"url": links.issue}]
    if links.pdf:
        lines.append(_("PDF：%(url)s") % {"url": links.pdf})
    if links.is_digest:
        lines.append(_("多久一次、看哪些专业：%(url)s") % {"url": WISHES})
    else:
        lines += [_("修改订阅：%(url)s") % {"url": WISHES}, _("退订：%(url)s") % {"url": LEAVE}]
    return "\n".join(lines).strip() + "\n"


def _section_text(section: Section) -> list[str]:
    lines = [f"■ {section.title}", ""]
    for entry in section.entries:
        signed = entry.meta if section.kind == "letter" else ""
        heads = [entry.title if entry.title != section.title else "", "" if signed else entry.meta]
        lines += [line for line in heads if line]
        for paragraph in entry.paragraphs:
            number = paragraph.get("number")
            mark = f"{number}. " if number else "· " if paragraph["kind"] in ("ul", "ol") else ""
            lines += textwrap.wrap(mark + words_of(paragraph), WIDTH) or [""]
            lines += [run["href"] for run in paragraph["runs"] if run["href"]]
        lines += [f"—— {signed}", ""] if signed else [""]
    return lines
