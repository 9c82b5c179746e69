"""What a mail may be made of, so that the mail programs of our readers show it: checked, not hoped for.

The properties are those that the widespread programs (Outlook's Word engine, QQ, NetEase, Gmail, Apple Mail) show or
leave aside without harm; sizes as stated by the programs themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

from django.utils.translation import gettext as _

MOST_BYTES = 100_000
"""Gmail cuts a mail off at 102 kB."""

TABLE = Path(__file__).with_name("mail_rules.tsv")
"""A line each: `allow` and a property, or `refuse` and a tag."""

DISPLAYS = frozenset({"block", "inline-block", "inline", "none", "table", "table-cell"})
DECLARATION = re.compile(r"\s*([-\w]+)\s*:\s*([^;]*)(?:;|\Z)")
SHEET_RULE = re.compile(r"\{([^{}]*)\}")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
TRACKERS = {"0", "1", "0px", "1px"}


@lru_cache(maxsize=1)
def _rules() -> tuple[frozenset[str], frozenset[str]]:
    """The properties that may be used, and the tags that may not."""
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if line]
    named = {what: frozenset(name for kind, name in rows if kind == what) for what in ("allow", "refuse")}
    return named["allow"], named["refuse"]


@dataclass
class _Checker(HTMLParser):
    problems: list[str] = field(default_factory=list)
    in_style: bool = False

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.in_style = tag == "style"
        if tag in _rules()[1]:
            self.problems.append(_("邮件里不能有 <%(tag)s>") % {"tag": tag})
        self.problems += [
            _("邮件里不能有脚本属性 %(name)s") % {"name": name} for name in given if name.startswith("on")
        ]
        self.problems += refused_in(given.get("style", ""))
        if tag == "img":
            self._image(given)

    def _image(self, given: dict[str, str]) -> None:
        if not given.get("alt", "").strip():
            self.problems.append(_("有照片没有替代文字"))
        if not given.get("width"):
            self.problems.append(_("有照片没有写明宽度"))
        if not given.get("src", "").startswith(("https://", "http://")):
            self.problems.append(_("有照片的地址不完整"))
        if {given.get("width"), given.get("height")} & TRACKERS:
            self.problems.append(_("邮件里不能有看不见的追踪图片"))

    def handle_endtag(self, tag: str) -> None:
        self.in_style = False

    def handle_data(self, data: str) -> None:
        if self.in_style:
            for declarations in SHEET_RULE.findall(data):
                self.problems += refused_in(declarations)


def refused_in(style: str) -> list[str]:
    """The declarations that are not on the list, each in words."""
    problems = []
    for name, value in DECLARATION.findall(style):
        plain = value.replace("!important", "").strip().lower()
        if name.lower() not in _rules()[0] or (name.lower() == "display" and plain not in DISPLAYS):
            problems.append(_("样式 %(name)s: %(value)s 不在允许的清单里") % {"name": name, "value": plain})
        elif "url(" in plain or "expression" in plain:
            problems.append(_("样式里不能引用别处的文件"))
    return problems


def mail_problems(html: str) -> list[str]:
    """What in the mail some of our readers would not see as it is meant; each problem once."""
    checker = _Checker()
    checker.feed(COMMENT.sub("", html))
    checker.close()
    size = len(html.encode())
    if size > MOST_BYTES:
        told = {"size": size // 1000, "most": MOST_BYTES // 1000}
        checker.problems.append(_("邮件有 %(size)d kB，超过 %(most)d kB 会被截断：请减少条目或缩短文字") % told)
    return list(dict.fromkeys(checker.problems))
