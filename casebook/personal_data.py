"""Marks what in a case's text looks like a person's data. A case is about a defect, never about a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

TEXT_FIELDS = ("title", "description", "cause", "measure", "lesson", "requirement", "no_photo_reason")
REPLACEMENT = "***"

SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方"
    "俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧"
    "计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫"
    "经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓"
    "牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙"
    "池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向"
    "古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢"
    "关蒯相查后荆红游竺权逯盖益桓公肖覃岳"
)
NOT_NAMES = ("各位", "全体", "部分", "所有", "多位", "多名", "广大", "本栋", "楼上", "楼下")


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
TITLED = re.compile(
    rf"(?P<name>(?:欧阳|上官|司马|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐|[{SURNAMES}])[\u4e00-\u9fff]{{0,2}}?)"
    r"(?:先生|女士|小姐|太太|业主)"
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


def without_personal_data(text: str) -> str:
    """The text with every finding replaced by ***."""
    for finding in reversed(find_personal_data(text)):
        text = text[: finding.start] + REPLACEMENT + text[finding.end :]
    return text


HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}


def _all(text: str) -> Iterator[Finding]:
    for match in IDENTITY.finditer(text):
        if _has_valid_check_digit(match.group()):
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


def _has_valid_check_digit(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True))
    return CHECK_DIGITS[total % 11] == number[17].upper()
