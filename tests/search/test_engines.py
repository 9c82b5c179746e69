"""One suite over every engine, on its real server."""

from __future__ import annotations

import json
import os
import random
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search import searching
from search.analysis import normalise
from search.analysis.streams import HAN_CHARACTER
from search.documents import Document
from search.engines import Engine
from search.engines.postgres import LONGEST_VECTOR
from search.language import parse
from search.queries import Results
from search.suggestions import did_you_mean
from tests.search.engines import every_database

pytestmark = every_database
STAFF = frozenset({"staff"})
QUERIES = int(os.environ.get("SOAK_QUERIES", "100"))
STRINGS = int(os.environ.get("SOAK_STRINGS", "300"))


def document(pk: int, title: str, body: str = "", **changes: object) -> Document:
    fields: dict[str, object] = {"kind": "case", "date": date(2026, 11, 1 + pk % 28), "audience": STAFF}
    facets = {"estate": "YLW" if pk % 2 else "HTY", "month": "2026-11", "kind": "case"}
    return Document(id=pk, title=title, body=body, **({"facets": facets} | fields | changes))  # type: ignore[arg-type]


def ask(engine: Engine, text: str, audience: frozenset[str] = STAFF, **changes: object) -> Results:
    return searching.search(engine, parse(text, audience=audience, **changes))  # type: ignore[arg-type]


def ids(results: Results) -> list[int]:
    return [hit.id for hit in results.hits]


def test_permission_is_part_of_the_query(engine: Engine) -> None:
    engine.put([document(1, "电梯困人"), document(2, "电梯噪音")])
    for audience in (frozenset({"nobody"}), frozenset[str]()):
        results = ask(engine, "电梯", audience)
        assert (results.hits, results.total, any(results.facets.values())) == ((), 0, False)
        assert searching.similar(engine, "电梯困人", audience=audience, kind="case", limit=3) == ()


def test_what_a_record_becomes_counts_at_once(engine: Engine) -> None:
    engine.put([document(1, "电梯困人"), document(2, "电梯噪音")])
    engine.put([document(1, "电梯困人", audience=frozenset({"others"}))])
    assert ids(ask(engine, "电梯")) == [2]
    engine.put([document(2, "门窗渗水")])
    assert ids(ask(engine, "电梯")) == []
    engine.remove("case", [2, 99])
    assert ask(engine, "门窗").total == 0
    assert (engine.health().documents, engine.health().ok) == (1, True)
    engine.clear()
    assert engine.health().documents == 0


def test_the_same_record_twice_in_one_batch_is_its_last_state(engine: Engine) -> None:
    engine.put([document(1, "电梯困人"), document(1, "门窗渗水")])
    assert (ask(engine, "电梯").total, ask(engine, "门窗").total) == (0, 1)


def test_facets_count_what_matched_and_narrow_it(engine: Engine) -> None:
    engine.put([document(n, f"电梯故障{n}") for n in (1, 2, 3)] + [document(4, "渗漏")])
    results = ask(engine, "电梯")
    assert results.facets["estate"] == (("YLW", 2), ("HTY", 1))
    assert results.facets["month"] == (("2026-11", 3),)
    assert ids(ask(engine, "电梯", facets={"estate": "HTY"})) == [2]
    assert ids(ask(engine, "电梯", kinds=frozenset({"dossier"}))) == []


def test_a_field_with_dates_narrows_and_a_minus_before_it_excludes(engine: Engine) -> None:
    engine.put([document(n, "电梯") for n in range(1, 6)])
    assert sorted(engine.ids(parse("日期:2026-11-03..2026-11-04", audience=STAFF).selection)) == [2, 3]
    assert sorted(engine.ids(parse("电梯 date:..2026-11-03", audience=STAFF).selection)) == [1, 2]


def test_when_nothing_holds_everything_a_part_is_offered_and_said(engine: Engine) -> None:
    engine.put([document(1, "地下车库渗漏"), document(2, "电梯")])
    results = ask(engine, "地下车库 空鼓 渗漏")
    assert (results.total, results.loosened, ids(results)) == (0, True, [1])
    assert ask(engine, "地下车库 空鼓 -渗漏").hits == ()


def test_the_newest_first_when_asked_and_when_only_a_code_is_asked_for(engine: Engine) -> None:
    engine.put([document(n, "电梯", codes=("3-2-1201",)) for n in (3, 9, 5)])
    assert ids(ask(engine, "电梯", by_date=True)) == [9, 5, 3]
    assert ids(ask(engine, "3栋2单元1201")) == [9, 5, 3]
    assert ids(ask(engine, "")) == [9, 5, 3]


def test_more_matches_than_candidates_keep_those_with_the_word_in_the_title(engine: Engine) -> None:
    engine.put([document(n, "无关标题", "墙面渗漏") for n in range(1, 400)])
    engine.put([document(500 + n, "渗漏", "墙面") for n in range(3)])
    results = ask(engine, "渗漏", limit=5)
    assert (results.total, ids(results)[:3]) == (402, [502, 501, 500])


def test_other_peoples_records_change_nothing(engine: Engine) -> None:
    """Not the hits, counts, facets or similar records, nor what the engine hands to the ranking."""
    words = ["电梯", "渗漏", "噪音", "地下车库", "门窗", "合同", "押金", "外墙", "空鼓", "积水"]
    dice = random.Random(7)
    mine = [document(n, "".join(dice.sample(words, 2)), "，".join(dice.choices(words, k=6))) for n in range(60)]
    other = frozenset({"others"})
    theirs = [
        document(n, "".join(dice.sample(words, 3)), "，".join(dice.choices(words, k=9)), audience=other)
        for n in range(100, 200)
    ]
    queries = [
        " ".join(dice.sample(words, dice.randint(1, 4))) + dice.choice(["", " -合同", " 少见"]) for _ in range(QUERIES)
    ]

    def everything() -> list[object]:
        asked: list[object] = []
        for text in queries:
            query = parse(text, audience=STAFF)
            candidates = engine.candidates(query.selection, dict.fromkeys(query.words, 1), 200)
            similar = searching.similar(engine, text, audience=STAFF, kind="case", limit=3)
            asked.append((searching.search(engine, query), len(candidates), similar))
        return asked

    engine.put([*mine, *theirs])
    with_theirs = everything()
    engine.remove("case", range(100, 200))
    assert everything() == with_theirs


def test_a_text_of_any_length_is_kept(engine: Engine) -> None:
    dice = random.Random(3)
    long = "".join(chr(dice.randint(0x4E00, 0x9FA5)) for _ in range(150_000))
    engine.put([document(1, "长文", f"开头渗漏{long}结尾空鼓")])
    assert len(long.encode()) * 3 > LONGEST_VECTOR
    assert ids(ask(engine, "开头渗漏")) == [1]


def test_substrings_are_found_just_as_by_a_scan(engine: Engine, test_data: Path) -> None:
    lines = (test_data / "eval" / "corpus.jsonl").read_text("utf-8").splitlines()[:400]
    texts = {n: json.loads(line)["text"] for n, line in enumerate(lines, 1)}
    engine.put([document(n, "", text) for n, text in texts.items()])
    engine.settle()
    plain = {n: normalise(text) for n, text in texts.items()}
    dice = random.Random(11)
    asked = 0
    while asked < 750:
        text = dice.choice(list(plain.values()))
        start, length = dice.randrange(len(text)), dice.randint(1, 6)
        piece = text[start : start + length]
        if len(piece) < length or not all(HAN_CHARACTER.match(char) for char in piece):
            continue
        asked += 1
        found = set(engine.ids(parse(f'"{piece}"', audience=STAFF).selection))
        assert (piece, found) == (piece, {n for n, text in plain.items() if piece in text})


@given(st.text(max_size=60))
@settings(max_examples=STRINGS, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_at_all_is_an_answer(engine: Engine, text: str) -> None:
    if not engine.health().documents:
        engine.put([document(1, "电梯困人", "3-2-1201 wi-fi 渗漏")])
    assert searching.search(engine, parse(text, audience=STAFF)).total in (0, 1)
    engine.put([document(2, text, text)])
    engine.remove("case", [2])


def meant(engine: Engine, text: str, audience: frozenset[str] = STAFF) -> tuple[str, ...]:
    return did_you_mean(engine, text, parse(text, audience=audience))


def test_what_was_meant_is_told_by_sound_and_by_one_edit(engine: Engine) -> None:
    engine.put(
        [
            document(1, "电梯困人", "停在三楼"),
            document(2, "地下车库渗漏", "止水带接头未热熔，集水井水泵不启动"),
            document(3, "张三", kind="staff", facets={"kind": "staff"}),
            document(4, "机密泄漏", audience=frozenset({"others"})),
        ]
    )
    assert meant(engine, "点题") == ("电梯",)
    assert meant(engine, "张珊") == ("张三",)
    assert meant(engine, "止水袋") == ("止水带",)
    assert meant(engine, "集水水泵") == ("集水井水泵",)
    assert meant(engine, "地下车窟") == ("地下车库",)
    assert meant(engine, "地下车裤 渗漏") == ("地下车库 渗漏",)
    assert meant(engine, "机密泻漏") == ()
    assert meant(engine, "机密泻漏", frozenset({"others"})) == ("机密泄漏",)
    assert meant(engine, "电梯") == ()


def test_letters_may_be_pinyin_or_a_latin_word_with_a_slip(engine: Engine) -> None:
    engine.put(
        [
            document(1, "屋面渗漏", "路由器 TPLink 无 WiFi 信号，铝材为 6063 合金"),
            document(2, "机密渗漏 zigbee", audience=frozenset({"others"})),
        ]
    )
    assert meant(engine, "shenlou") == ("渗漏",)
    assert meant(engine, "ShenLou TPLink") == ("渗漏 tplink",)
    assert meant(engine, "wfii") == ("wifi",)
    assert meant(engine, "tplnk") == ("tplink",)
    assert meant(engine, "ＴＰＬＩＮＫＳ") == ("tplink",)
    assert meant(engine, "zigbe") == ()
    assert meant(engine, "zigbe", frozenset({"others"})) == ("zigbee",)
    assert meant(engine, "zzzzzzzzzz") == ()


def test_synonyms_find_what_says_it_otherwise(engine: Engine) -> None:
    engine.put([document(1, "顶板渗漏"), document(2, "天花板漏水"), document(3, "电梯")])
    words = {"漏水": ("渗漏", "渗水"), "渗漏": ("漏水", "渗水")}
    for typed in ("漏水", "渗漏"):
        assert set(engine.ids(parse(typed, audience=STAFF, synonyms=words).selection)) == {1, 2}
    assert set(engine.ids(parse("顶板漏水", audience=STAFF, synonyms=words).selection)) == {1}
    assert set(engine.ids(parse("“漏水”", audience=STAFF, synonyms=words).selection)) == {2}
    assert set(engine.ids(parse("板 -漏水", audience=STAFF, synonyms=words).selection)) == set()
