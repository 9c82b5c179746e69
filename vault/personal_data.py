"""Marks what in a text looks like a person's data: cases, notes and purposes are read by many."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

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

GAP = r"[ \-－\u3000]?"
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
MOBILE = re.compile(rf"(?<![\d０-９])(?:\+?86{GAP})?1[3-9]\d{GAP}\d{{4}}{GAP}\d{{4}}(?!\d)")
LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[\-－ ]\d{7,8}(?!\d)")
IDENTITY = re.compile(r"(?<!\d)\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXxＸｘ](?!\d)")
PLATE = re.compile(rf"[{PROVINCES}][A-HJ-NP-Z][·・\s]?[A-HJ-NP-Z0-9]{{5,6}}(?![A-Z0-9])")
NAME = rf"(?:{DOUBLE_SURNAMES}|[{SURNAMES}])"
TITLED = re.compile(
    rf"{NAME}[\u4e00-\u9fff]{{0,2}}?(?:先生|女士|小姐|太太)"
    rf"|(?:(?<![\u4e00-\u9fff])|(?<=[{BEFORE_NAME}])){NAME}[\u4e00-\u9fff]{{0,2}}?业主(?![委大群代])"
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"


@dataclass(frozen=True, slots=True)
class Finding:
    kind: Kind
    start: int
    end: int
    text: str


def find_personal_data(text: str) -> list[Finding]:
    """What looks like a phone, an ID number, a plate, or a surname with a title; in order, not overlapping."""
    halved = text.translate(HALF_WIDTH)
    found = sorted(_all(halved), key=lambda f: (f.start, -f.end))
    kept: list[Finding] = []
    for finding in found:
        if not kept or finding.start >= kept[-1].end:
            kept.append(Finding(finding.kind, finding.start, finding.end, text[finding.start : finding.end]))
    return kept


def without_personal_data(text: str, kinds: Collection[Kind] = frozenset(Kind)) -> str:
    """The text with every finding of those kinds replaced by ***."""
    for finding in reversed([found for found in find_personal_data(text) if found.kind in kinds]):
        text = text[: finding.start] + REPLACEMENT + text[finding.end :]
    return text


HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}


def _all(text: str) -> Iterator[Finding]:
    for match in IDENTITY.finditer(text):
        if has_valid_check_digit(match.group()):
            yield Finding(Kind.IDENTITY, match.start(), match.end(), match.group())
    for kind, pattern in ((Kind.PHONE, MOBILE), (Kind.PHONE, LANDLINE), (Kind.PLATE, PLATE)):
        for match in pattern.finditer(text):
            yield Finding(kind, match.start(), match.end(), match.group())
    for match in TITLED.finditer(text):
        if not _is_group(text, match):
            yield Finding(Kind.NAME, match.start(), match.end(), match.group())


def _is_group(text: str, match: re.Match[str]) -> bool:
    """各位业主, 全体业主 and the like name nobody."""
    before = text[max(match.start() - 2, 0) : match.end()]
    return any(word in before for word in NOT_NAMES)


def has_valid_check_digit(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True))
    return CHECK_DIGITS[total % 11] == number[17].upper()
