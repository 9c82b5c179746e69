"""What may stand in an item of the template, and what is doubtful about it.

A value that is merely doubtful (a wrong check digit, a short phone number) is kept as it was typed and named as a gap:
nothing that a customer gave is lost, and nothing doubtful passes the first gate.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from django.utils.translation import gettext_lazy as _

from archives.vocabulary import CustomerKind, ItemKind
from estates.unit_codes import find_units, fold
from search.analysis.normalise import normalise
from text.cleaning import clean
from text.identity import has_valid_check_digit

Value: TypeAlias = "str | list[str]"
LONGEST: dict[str, int] = {ItemKind.LONG: 2_000, ItemKind.PERSON: 80}
LONGEST_TEXT = 200
MOST_CHOICES = 40
DOTS = "·•・‧∙⋅●．."
"""What people type for the dot in 买买提·示例."""

RESIDENT_CARD = re.compile(r"\A\d{17}[\dX]\Z")
CREDIT_CODE = re.compile(r"\A[0-9A-HJ-NPQRTUWXY]{18}\Z")
CREDIT_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
OTHER_CARD = re.compile(r"\A[A-Z0-9()]{6,20}\Z")
MOBILE = re.compile(r"\A1[3-9]\d{9}\Z")
LANDLINE = re.compile(r"\A(?:0\d{9,11}|[2-8]\d{6,7})(?:-\d{1,6})?\Z")
FOREIGN = re.compile(r"\A\+[1-9]\d{6,14}\Z")
CHINA = "+86"

DOUBTS = {
    "check_digit": _("校验位不对，请核对每一位"),
    "birth_date": _("里面的出生日期不存在，请核对"),
    "card": _("不像证件号码：身份证是 18 位，护照等是 6–20 位字母和数字"),
    "credit_code": _("统一社会信用代码是 18 位，校验位要对"),
    "phone": _("不像电话号码：手机 11 位，固定电话带区号，境外号码以 + 开头"),
    "date": _("不是日期，请写成 2026-11-23"),
    "number": _("不是数字"),
    "option": _("不在模板的选项里"),
    "name": _("姓名里有数字或符号，请核对"),
}


def tidy(text: str, kind: str) -> str:
    """Cleaned, trimmed and cut to the item's length."""
    plain = clean(text)
    if kind != ItemKind.LONG:
        plain = " ".join(plain.split())
    if kind in (ItemKind.PHONE, ItemKind.IDENTITY, ItemKind.DATE, ItemKind.NUMBER):
        plain = unicodedata.normalize("NFKC", plain)
    return plain.strip()[: LONGEST.get(kind, LONGEST_TEXT)].rstrip()


def doubt_about(kind: str, value: Value, *, options: list[str], customer: str) -> str:
    """The code of what is doubtful about a filled value, one of DOUBTS; empty when nothing is."""
    if isinstance(value, list):
        return "" if set(value) <= set(options) else "option"
    if kind == ItemKind.CHOICE:
        return "" if value in options else "option"
    check = {
        ItemKind.IDENTITY: _doubt_credit_code if customer == CustomerKind.COMPANY else _doubt_identity,
        ItemKind.PHONE: _doubt_phone,
        ItemKind.DATE: _doubt_date,
        ItemKind.NUMBER: _doubt_number,
        ItemKind.PERSON: _doubt_name if customer == CustomerKind.INDIVIDUAL else _no_doubt,
    }.get(ItemKind(kind), _no_doubt)
    return check(value)


def _no_doubt(value: str) -> str:
    return ""


def identity_key(text: str) -> str:
    """An ID number as it is compared: half-width capitals without spaces and hyphens."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()


def _doubt_identity(value: str) -> str:
    number = identity_key(value)
    if RESIDENT_CARD.match(number):
        try:
            born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        except ValueError:
            return "birth_date"
        if born > date.today():  # noqa: DTZ011  a birth date has no time zone
            return "birth_date"
        return "" if has_valid_check_digit(number) else "check_digit"
    if number.isdigit() and len(number) in (15, 17, 18, 19):
        return "card"
    return "" if OTHER_CARD.match(number) else "card"


def _doubt_credit_code(value: str) -> str:
    code = identity_key(value)
    if not CREDIT_CODE.match(code):
        return "credit_code"
    total = sum(CREDIT_DIGITS.index(char) * weight for char, weight in zip(code[:17], CREDIT_WEIGHTS, strict=True))
    return "" if CREDIT_DIGITS[(31 - total % 31) % 31] == code[17] else "credit_code"


def phone_key(text: str) -> str:
    """A phone number as it is compared: digits, a leading + for foreign ones; +86 and its spellings fall away."""
    plain = re.sub(r"[\s().\-－—]", "", unicodedata.normalize("NFKC", text))
    if plain.startswith("00") and len(plain) > 11:  # noqa: PLR2004  the international prefix
        plain = f"+{plain[2:]}"
    if plain.startswith("86") and MOBILE.match(plain[2:]):
        plain = plain[2:]
    return plain.removeprefix(CHINA)


def _doubt_phone(value: str) -> str:
    written = re.sub(r"(?:转|ext\.?|x|#)\s*(\d{1,6})\s*\Z", "", value, flags=re.IGNORECASE)
    number = phone_key(written)
    return "" if MOBILE.match(number) or LANDLINE.match(number) or FOREIGN.match(number) else "phone"


def _doubt_date(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        return "date"
    return ""


def _doubt_number(value: str) -> str:
    try:
        return "" if Decimal(value.replace(",", "")).is_finite() else "number"
    except InvalidOperation:
        return "number"


def _doubt_name(value: str) -> str:
    return "name" if any(char.isdigit() or char in "@#$%^*_=+<>[]{}|\\/;:!?" for char in value) else ""


def name_key(text: str) -> str:
    """A name as it is compared: simplified, half-width, lower case, letters and digits only."""
    return "".join(char for char in normalise(text) if char.isalnum())


def address_key(text: str) -> str:
    """An address as it is compared: homes by their code, simplified, without blanks, punctuation and empty words."""
    folded = fold(normalise(text))
    for unit in reversed(list(find_units(folded))):
        folded = f"{folded[: unit.start]}{unit.code}{folded[unit.end :]}"
    return "".join(char for char in folded if char.isalnum())
