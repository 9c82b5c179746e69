from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estates.unit_codes import UnitCode, UnitCodeError, find_units, fold, mask_units, parse_unit

NUMERALS = "零一二三四五六七八九十"


@pytest.mark.parametrize(
    "written",
    [
        "3栋2单元1201",
        "3幢2单元1201室",
        "3-2-1201",
        "3#-2-1201",
        "三栋二单元1201",
        "3号楼2单元12楼01",
        "３栋２单元１２０１",
        "3 栋 2 单元 1201",
        "3栋2单元12层1号",
        "3座2门1201房",
        "03-02-1201",
        "3—2—1201",
        "3#楼2单元1201",
    ],
)
def test_every_spelling_is_one_unit(written: str) -> None:
    assert str(parse_unit(written)) == "3-2-1201"


@pytest.mark.parametrize(
    ("written", "code"),
    [("3栋12单元201", "3-12-201"), ("十二栋一单元302", "12-1-302"), ("A座1201", "A-0-1201"), ("5栋302", "5-0-302")],
)
def test_near_misses_stay_apart(written: str, code: str) -> None:
    assert str(parse_unit(written)) == code


@pytest.mark.parametrize(
    "text", ["", "渗漏", "2026-11-22", "YLW-AL-2026-00012", "13800000001", "3栋", "1201", "🏠", "𠮷栋"]
)
def test_what_names_no_unit_is_refused(text: str) -> None:
    with pytest.raises(UnitCodeError):
        parse_unit(text)


codes = st.builds(
    UnitCode,
    st.integers(1, 199).map(str),
    st.integers(1, 12).map(str),
    st.builds(lambda floor, flat: f"{floor}{flat:02}", st.integers(1, 60), st.integers(1, 12)),
)


@given(codes)
def test_what_is_written_is_read_back(code: UnitCode) -> None:
    floor, flat = code.room[:-2], code.room[-2:]
    for written in (
        str(code),
        code.written,
        f"{code.building}幢{code.entrance}单元{code.room}室",
        f"{code.building}#-{code.entrance}-{code.room}",
        f"{code.building}号楼{code.entrance}单元{floor}楼{flat}",
    ):
        assert parse_unit(written) == code


@given(st.text())
def test_no_text_raises_and_folding_is_stable(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    list(find_units(folded))
    mask_units(text, "某户")


def test_units_are_found_and_masked_inside_a_sentence() -> None:
    text = "业主住3栋2单元1201，电话待核实；３－２－１２０２也漏。"
    assert [str(found.code) for found in find_units(fold(text))] == ["3-2-1201", "3-2-1202"]
    assert mask_units(text, "某户") == "业主住某户，电话待核实；某户也漏。"
