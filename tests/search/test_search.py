"""What search must find: the golden table, through the façade."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import index
from search.analysis import gram_stream, normalise, phrase_tokens
from search.documents import Document
from search.highlights import highlight
from search.queries import Results, parse

EVERYBODY = frozenset({"staff"})
TEXTS = {
    1: ("电梯困人", "电梯投诉，停在3楼", "3-2-1201"),
    2: ("水压不足", "顶楼住户供水不足，已向物业反映", "3-12-201"),
    3: ("物业费与停车费", "业主对物业费有意见，合同押金未退", "3-1-1202"),
    4: ("軟體故障", "門禁軟體無法開門", "5-0-302"),
    5: ("地下车库渗漏", "地下车库顶板渗漏，B1层积水", ""),
    6: ("電梯噪音", "電梯機房噪音大", ""),
    7: ("Wi-Fi 信号弱", "走廊 wi-fi 信号弱 𠮷", ""),
}


@pytest.fixture
def indexed(db: None) -> None:
    index.put(
        Document(
            kind="case",
            id=pk,
            title=title,
            body=body,
            date=date(2026, 11, pk),
            audience=EVERYBODY,
            codes=(f"YLW-AL-2026-{pk:05}", unit),
            facets={"estate": "YLW" if pk % 2 else "HTY", "month": "2026-11"},
        )
        for pk, (title, body, unit) in TEXTS.items()
    )


def ask(text: str, **changes: object) -> Results:
    return index.search(parse(text, audience=EVERYBODY, **changes))  # type: ignore[arg-type]


def strictly(text: str) -> set[int]:
    """Ids of the records that hold everything asked for."""
    return set(index.matching_ids(text, kind="case"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("电梯", {1, 6}),
        ("水", {2, 5}),
        ("业费", {3}),
        ("合同 押金", {3}),
        ("地下车库 渗漏", {5}),
        ("軟體", {4}),
        ("软体", {4}),
        ("電梯", {1, 6}),
        ("3栋2单元1201", {1}),
        ("3-2-1201", {1}),
        ("３栋２单元１２０１", {1}),
        ("三栋二单元1201", {1}),
        ("3栋12单元201", {2}),
        ("5栋302", {4}),
        ("YLW-AL-2026-00003", {3}),
        ("ylw-al-2026-00003", {3}),
        ("b1层", {5}),
        ("𠮷", {7}),
        ("不存在的词", set()),
    ],
)
def test_the_golden_table(indexed: None, query: str, expected: set[int]) -> None:
    assert strictly(query) == expected


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "*",
        "AND OR NOT NEAR",
        "-",
        "()",
        ":",
        "^",
        "a" * 10_000,
        "渗" * 10_000,
        "😀",
        "\0",
        "\ud800",
        "' OR 1=1 --",
        "{title}: x",
    ],
    ids=repr,
)
def test_nothing_a_person_can_type_is_an_error(indexed: None, text: str) -> None:
    assert ask(text).total >= 0


def test_permission_is_part_of_the_query(indexed: None) -> None:
    for audience in (frozenset({"nobody"}), frozenset[str]()):
        results = index.search(parse("电梯", audience=audience))
        assert (results.hits, results.total, any(results.facets.values())) == ((), 0, False)


def test_a_changed_audience_counts_at_once(indexed: None) -> None:
    title, body, _unit = TEXTS[1]
    index.put([Document("case", 1, title, body, date(2026, 11, 1), frozenset({"others"}))])
    assert [hit.id for hit in ask("电梯").hits] == [6]
    index.remove("case", [6])
    assert ask("电梯").total == 0


def test_facets_count_what_matched_and_narrow_it(indexed: None) -> None:
    assert ask("电梯").facets["estate"] == (("HTY", 1), ("YLW", 1))
    assert [hit.id for hit in ask("电梯", facets={"estate": "YLW"}).hits] == [1]


def test_when_nothing_holds_everything_a_part_is_offered_and_said(indexed: None) -> None:
    results = ask("地下车库 空鼓 渗漏")
    assert (results.total, results.loosened, results.hits[0].id) == (0, True, 5)


def test_matches_are_marked_across_scripts_and_the_rest_is_escaped() -> None:
    query = parse("电梯", audience=None)
    assert highlight("電梯<b>噪音</b>", query) == "<mark>電梯</mark>&lt;b&gt;噪音&lt;/b&gt;"


@given(st.text())
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


han = st.text(alphabet="渗漏电梯水地下车库顶板防层厨房", min_size=2, max_size=30)


@given(han, st.data())
def test_a_phrase_of_the_stream_is_a_substring_of_the_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 2))
    piece = text[start : data.draw(st.integers(start + 2, len(text)))]
    stream, (tokens, open_ended) = gram_stream(text), phrase_tokens(piece)
    assert not open_ended
    assert any(stream[i : i + len(tokens)] == tokens for i in range(len(stream)))
