from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import codes, grams, in_mainland_words, marks, name_codes, normalise, phone_codes, phrase, words
from search.highlights import highlight
from search.language import parse

han = st.text(alphabet="渗漏电梯水地下车库顶板防层厨房", min_size=2, max_size=30)
mixed = st.text(alphabet="渗漏电梯水A1b ，-", min_size=1, max_size=30)


@given(st.text())
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text())
def test_every_stream_takes_every_text(text: str) -> None:
    for stream in (grams(text), marks(text), words(text), codes(text), list(phrase(text).grams)):
        assert all(token and not any(char.isspace() for char in token) for token in stream)
    assert normalise(in_mainland_words(text)) == in_mainland_words(text)


@given(mixed)
def test_index_and_query_make_the_same_of_the_same_text(text: str) -> None:
    asked, stream = phrase(text), grams(text)
    assert consecutive(list(asked.grams), stream)
    assert set(asked.marks) <= set(marks(text))


@given(han, st.data())
def test_a_piece_of_a_text_is_a_phrase_of_its_streams(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    piece = text[start : data.draw(st.integers(start + 1, len(text)))]
    asked = phrase(piece)
    assert consecutive(list(asked.grams), grams(text))
    assert set(asked.marks) <= set(marks(text))


def consecutive(tokens: list[str], stream: list[str]) -> bool:
    return any(stream[i : i + len(tokens)] == tokens for i in range(len(stream) - len(tokens) + 1))


def test_a_person_is_found_by_pinyin_initials_and_parts_of_a_phone() -> None:
    assert name_codes("张三") == ["pzhangsan", "izs"]
    assert phone_codes("138 0000 0001") == [*(f"h{'13800000001'[:n]}" for n in range(3, 12)), "t0001"]
    assert (name_codes("123"), phone_codes("12")) == ([], [])


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ("电梯", "<mark>電梯</mark>&lt;b&gt;噪音&lt;/b&gt;"),
        ("噪音 -电梯", "電梯&lt;b&gt;<mark>噪音</mark>&lt;/b&gt;"),
        ("投诉 OR 噪音", "電梯&lt;b&gt;<mark>噪音</mark>&lt;/b&gt;"),
    ],
)
def test_matches_are_marked_across_scripts_and_the_rest_is_escaped(typed: str, marked: str) -> None:
    assert highlight("電梯<b>噪音</b>", parse(typed, audience=None)) == marked


def test_one_word_in_a_document_is_one_word_in_a_query_for_any_spelling() -> None:
    assert normalise("３－２－１２０１") == "3-2-1201"
    assert phrase("軟體") == phrase("软体")
    assert codes("三栋二单元1201") == codes("3-2-1201")
