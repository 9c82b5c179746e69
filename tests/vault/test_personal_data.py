"""Thirty sentences, and what the check marks in each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.personal_data import find_personal_data, without_personal_data

SENTENCES = [
    ("请联系13800000001", ["13800000001"]),
    ("电话 138 0000 0001 一直无人接", ["138 0000 0001"]),
    ("电话138-0000-0001", ["138-0000-0001"]),
    ("手机＋86 13800000001", ["+86 13800000001"]),
    ("电话１３８０００００００１", ["１３８０００００００１"]),
    ("座机0731-80000001打不通", ["0731-80000001"]),
    ("身份证11010519491231002X", ["11010519491231002X"]),
    ("身份证号440524188001010014有误", []),
    ("校验位不对的110105194912310021不算", []),
    ("编号YLW-AL-2026-00012", []),
    ("图号建施-12，2026-11-22收到", []),
    ("流水号20261122000000001", []),
    ("车牌湘A12345停在消防通道", ["湘A12345"]),
    ("车牌粤B·D12345", ["粤B·D12345"]),
    ("新能源车沪AD12345占用车位", ["沪AD12345"]),
    ("B1层A区渗漏", []),
    ("张先生反映楼上漏水", ["张先生"]),
    ("业主张三先生来电", ["张三先生"]),
    ("李女士家中老人摔倒", ["李女士"]),
    ("王建国先生要求回复", ["王建国先生"]),
    ("欧阳女士投诉", ["欧阳女士"]),
    ("据陈业主反映", ["陈业主"]),
    ("各位业主请注意", []),
    ("全体业主大会", []),
    ("小区业主多次反映", []),
    ("和业主沟通后修复", []),
    ("高层业主反映水压低", []),
    ("业主委员会已成立", []),
    ("3栋2单元1201渗水", []),
    ("面积118平方米，费用13800元", []),
]


@pytest.mark.parametrize(("sentence", "marked"), SENTENCES, ids=[str(n) for n in range(1, 31)])
def test_what_looks_like_a_persons_data_is_marked(sentence: str, marked: list[str]) -> None:
    found = [finding.text for finding in find_personal_data(sentence)]
    assert [text.replace("＋", "+") for text in found] == marked


def test_there_are_thirty_sentences() -> None:
    assert len(SENTENCES) == 30


@given(st.text())
def test_no_text_raises_and_what_was_removed_is_gone(text: str) -> None:
    assert find_personal_data(without_personal_data(text)) == []
