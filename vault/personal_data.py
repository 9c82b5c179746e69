"""Marks what in a text looks like a person's data: cases, notes and purposes are read by many."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from text.folding import fold_with_origin
from text.numbers import find_numbers

REPLACEMENT = "***"

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范石姚谭廖邹熊陆郝孔白崔康毛邱秦江史顾侯邵孟龙段雷钱汤尹黎武贺赖龚文欧严牛洪阮翟"
)
DOUBLE_SURNAMES = "欧阳|上官|司马|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐"
BEFORE_NAME = "是叫找请由与跟和向为给对让被经问据"
NOT_NAMES = ("各位", "全体", "部分", "所有", "多位", "多名", "广大", "任何", "高层", "高端")


class Kind(models.TextChoices):
    PHONE = "phone", _("电话号码")
    IDENTITY = "identity", _("身份证号")
    PLATE = "plate", _("车牌号")
    NAME = "name", _("姓名称呼")


REFUSED = frozenset({Kind.PHONE, Kind.IDENTITY})
"""Submission refuses these; the others are marked with an offer to remove."""

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
PLATE = re.compile(
    rf"[{PROVINCES}][A-HJ-NP-Z][.\-\s]?(?=[A-Z]*\d)[A-HJ-NP-Z0-9]{{5,6}}(?![A-Z0-9])", re.IGNORECASE | re.ASCII
)
NAME = rf"(?:{DOUBLE_SURNAMES}|[{SURNAMES}])"
TITLED = re.compile(
    rf"{NAME}[\u4e00-\u9fff]{{0,2}}?(?:先生|女士|小姐|太太)"
    rf"|(?:(?<![\u4e00-\u9fff])|(?<=[{BEFORE_NAME}])){NAME}[\u4e00-\u9fff]{{0,2}}?业主(?![委大群代])"
)


@dataclass(frozen=True, slots=True)
class Finding:
    kind: Kind
    start: int
    end: int
    text: str


def find_personal_data(text: str) -> list[Finding]:
    """What looks like a phone, an ID number, a plate, or a surname with a title; in order, not overlapping. It sees the
    folded text: how a number is written, and what nobody sees in it, makes no difference."""
    folded = fold_with_origin(text)
    kept: list[Finding] = []
    for kind, start, end in sorted(_all(folded.text), key=lambda one: (one[0] not in REFUSED, one[1], -one[2])):
        first, last = folded.span(start, end)
        if all(last <= other.start or other.end <= first for other in kept):
            kept.append(Finding(kind, first, last, text[first:last]))
    return sorted(kept, key=lambda finding: finding.start)


def without_personal_data(text: str, kinds: Collection[Kind] = frozenset(Kind)) -> str:
    """The text with every finding of those kinds replaced by ***; again, where what is left grew together."""
    while found := [finding for finding in find_personal_data(text) if finding.kind in kinds]:
        for finding in reversed(found):
            text = text[: finding.start] + REPLACEMENT + text[finding.end :]
    return text


def _all(folded: str) -> Iterator[tuple[Kind, int, int]]:
    for number in find_numbers(folded):
        yield (Kind.PHONE if number.is_phone else Kind.IDENTITY), number.start, number.end
    for match in PLATE.finditer(folded):
        yield Kind.PLATE, match.start(), match.end()
    for match in TITLED.finditer(folded):
        if not _is_group(folded, match):
            yield Kind.NAME, match.start(), match.end()


def _is_group(text: str, match: re.Match[str]) -> bool:
    """各位业主, 全体业主 and the like name nobody."""
    before = text[max(match.start() - 2, 0) : match.end()]
    return any(word in before for word in NOT_NAMES)
