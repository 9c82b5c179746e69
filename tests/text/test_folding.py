"""What a reader takes for the same is the same."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text.folding import ONE_TO_ONE, SIMPLE, _folded, fold, fold_with_origin

UNSEEN = "\u200b\u200d\u2060\ufeff\u00ad\u202e\u061c\u034f\u3164\u115f\ufe0f\U000e0100\u180e\u0301\u0336"

FOLDED = {
    "spaces": ("a\u00a0b\u3000c\u2009d\te\u2800f", "a b c d e f"),
    "dashes": ("1\u20111\u20121－1—1−1﹣1ー1～1", "1-1-1-1-1-1-1-1-1"),
    "dots": ("1·1•1．1。1・1", "1.1.1.1.1.1"),
    "brackets": ("（a）【b】〔c〕「d」《e》", "(a)(b)(c)(d)(e)"),
    "digits": ("１²①❸𝟒٥〦", "1213456"),
    "radicals of a PDF": ("⻋库⼚房⽔管", "车库厂房水管"),
    "compatibility ideographs": ("\uf9a9\uf900", "囹豈"),
    "letters": ("ＡＢＣ㎡", "ABCm2"),
    "Chinese numerals are words": ("一三五〇", "一三五〇"),
    "accents put on from outside": ("1\u03363\u0336", "13"),
    "kept": ("Ab é 张 \n", "Ab é 张 \n"),
}


@pytest.mark.parametrize(("written", "folded"), FOLDED.values(), ids=FOLDED)
def test_look_alikes_become_one(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_folding_leads_back_and_changes_nothing_twice(text: str) -> None:
    folded = fold_with_origin(text)
    assert len(folded.origin) == len(folded.text)
    assert list(folded.origin) == sorted(folded.origin)
    assert fold(folded.text) == folded.text


@given(st.text(), st.lists(st.tuples(st.integers(0, 100), st.sampled_from(UNSEEN))))
def test_unseen_marks_change_nothing(text: str, marks: list[tuple[int, str]]) -> None:
    marked = text
    for place, mark in marks:
        marked = marked[:place] + mark + marked[place:]
    assert fold(marked).replace("\n", " ") == fold(text).replace("\n", " ")


def test_the_short_way_and_the_long_way_agree() -> None:
    simple = [chr(code) for code in range(sys.maxunicode + 1) if SIMPLE.fullmatch(chr(code))]
    assert [char for char in simple if char.translate(ONE_TO_ONE) != _folded(char)] == []
