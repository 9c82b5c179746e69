"""What a customer may say about himself, and what of it is doubtful."""

from __future__ import annotations

import pytest

from archives.factories import sample_identity
from archives.items import CREDIT_DIGITS, Value, doubt_about, name_key, phone_key, tidy
from archives.profiles import masked_name, masked_phone
from archives.vocabulary import CustomerKind, ItemKind

GOOD = sample_identity(3)


def doubt(kind: str, value: Value, customer: str = CustomerKind.INDIVIDUAL) -> str:
    return doubt_about(kind, value, options=["甲", "乙"], customer=customer)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (GOOD, ""),
        (f"{GOOD[:6]} {GOOD[6:14]} {GOOD[14:]}", ""),
        ("９" + GOOD[1:], ""),
        ("99999919900101002x", ""),
        (GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1"), "check_digit"),
        ("999999199002300017", "birth_date"),
        ("999999299901010017", "birth_date"),
        (GOOD[:-1], "card"),
        (GOOD + "1", "card"),
        ("999999900101001", "card"),
        ("E12345678", ""),
        ("C/2024/1", "card"),
        ("示例", "card"),
        ("12", "card"),
    ],
)
def test_id_numbers_of_persons(value: str, expected: str) -> None:
    if value == "99999919900101002x":
        value = sample_identity(next(n for n in range(2_000) if sample_identity(n).endswith("X"))).lower()
    assert doubt(ItemKind.IDENTITY, value) == expected


def test_a_credit_code_has_one_right_check_character() -> None:
    body = "92999999MA0000001"
    right = [end for end in CREDIT_DIGITS if not doubt(ItemKind.IDENTITY, body + end, CustomerKind.COMPANY)]
    assert len(right) == 1
    assert doubt(ItemKind.IDENTITY, GOOD, CustomerKind.COMPANY) == "credit_code"
    assert doubt(ItemKind.IDENTITY, body, CustomerKind.COMPANY) == "credit_code"


@pytest.mark.parametrize(
    ("written", "key", "expected"),
    [
        ("13800000001", "13800000001", ""),
        ("138 0000 0001", "13800000001", ""),
        ("+86-138-0000-0001", "13800000001", ""),
        ("0086 13800000001", "13800000001", ""),
        ("8613800000001", "13800000001", ""),
        ("１３８００００００01", "13800000001", ""),
        ("(0571) 8800 0001", "057188000001", ""),
        ("0571-88000001转8001", "057188000001转8001", ""),
        ("88000001", "88000001", ""),
        ("+1 (415) 555-0100", "+14155550100", ""),
        ("0044 20 7946 0958", "+442079460958", ""),
        ("12345", "12345", "phone"),
        ("12800000001", "12800000001", "phone"),
        ("打老婆电话", "打老婆电话", "phone"),
        ("+1", "+1", "phone"),
    ],
)
def test_phones_of_every_country(written: str, key: str, expected: str) -> None:
    assert (phone_key(written), doubt(ItemKind.PHONE, written)) == (key, expected)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (ItemKind.DATE, "2026-02-28", ""),
        (ItemKind.DATE, "2026-02-30", "date"),
        (ItemKind.DATE, "明天", "date"),
        (ItemKind.NUMBER, "1,200.5", ""),
        (ItemKind.NUMBER, "1e999999", ""),
        (ItemKind.NUMBER, "NaN", "number"),
        (ItemKind.NUMBER, "两百", "number"),
        (ItemKind.CHOICE, "甲", ""),
        (ItemKind.CHOICE, "丙", "option"),
        (ItemKind.CHOICES, ["甲", "乙"], ""),
        (ItemKind.CHOICES, ["甲", "丁"], "option"),
        (ItemKind.PERSON, "买买提·示例", ""),
        (ItemKind.PERSON, "张三1", "name"),
        (ItemKind.TEXT, "=1+1", ""),
    ],
)
def test_other_kinds(kind: str, value: Value, expected: str) -> None:
    assert doubt(kind, value) == expected


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("张三", "individual", "张*"),
        ("张", "individual", "*"),
        ("示例一二三四五六七八九十一二三四五六七八", "individual", "示*"),
        ("示例置业有限公司", "company", "示例*"),
        ("", "individual", ""),
    ],
)
def test_a_masked_name_shows_no_more_than_the_surname(name: str, kind: str, shown: str) -> None:
    assert masked_name(name, kind) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800000001", "138****0001"),
        ("+86 138 0000 0001", "138****0001"),
        ("+14155550100", "****0100"),
        ("12345", "****"),
        ("", ""),
    ],
)
def test_a_masked_phone(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


def test_what_is_typed_is_tidied_and_bounded() -> None:
    assert tidy("  张  三\x00\u200d\r\n", ItemKind.PERSON) == "张 三"
    assert tidy("一\r\n二", ItemKind.LONG) == "一\n二"
    assert len(tidy("字" * 9_999, ItemKind.LONG)) == 2_000
    assert tidy("１３８", ItemKind.PHONE) == "138"
    assert name_key("O'示例 張·三") == "o示例张三"
