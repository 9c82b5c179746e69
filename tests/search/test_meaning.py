"""Search by meaning: what laymen say finds what the trade wrote; nothing is lost where it is absent, damaged, or not
done yet."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from statistics import fmean

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from casebook.factories import make_draft, publish
from casebook.policies import audience_tokens
from estates.models import User
from search import index, searching, upkeep
from search.documents import Document, documents_of
from search.engines import Engine, database_engine
from search.engines.elastic import ElasticsearchEngine
from search.evaluation import Query, evaluate, figures, group_of, number_in, read_corpus, read_queries
from search.fusion import MOST_BY_MEANING, fuse
from search.language import parse
from search.meaning import encoder as encoders
from search.meaning import encoding, vectors
from search.meaning.encoder import AT_ONCE, DIMENSIONS, Encoder, Lack, Meaning, NoEncoder, encoder
from search.models import DocumentMeaning, EncodingState, OutboxEntry
from search.queries import Hit
from tests.conftest import World
from tests.search.engines import every_database
from tests.search.test_engines import STAFF, ask, document, ids
from tests.search.test_upkeep import ask_at_once, server

__all__ = ["ask_at_once", "server"]
PAIRS = Path(__file__).parent / "golden" / "meaning.tsv"
LACKING = "the extra for meaning is not installed: run `make meaning`"
EVALUATED = int(os.environ.get("SOAK_EVALUATED", "0"))
"""`make soak` asks every even query of the judged sets."""


class Sounds:
    """An encoder for tests: texts mean the same when they speak of the same thing, by a list of words."""

    name = "sounds"
    THINGS = ("水 漏 渗 滴", "电梯 轿厢", "墙 抹灰", "窗 风")

    def of_records(self, texts: Sequence[str]) -> list[Meaning]:
        return [self.of_question(text) for text in texts]

    def of_question(self, text: str) -> Meaning:
        vector = [1] * DIMENSIONS
        for place, words in enumerate(self.THINGS):
            vector[place] = 100 * sum(word in text for word in words.split())
        return Meaning(self.name, bytes(min(number, 127) for number in vector))


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Each test's vectors are its own."""
    vectors.vectors_of.cache_clear()
    yield
    vectors.vectors_of.cache_clear()


@pytest.fixture
def extra() -> None:
    """Vectors are compared by what the extra brings."""
    if not encoders.is_installed():
        pytest.skip(LACKING)


@pytest.fixture
def sounds(extra: None, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Sounds:
    """The site has that encoder; its worker is not running."""
    settings.SEARCH_BY_MEANING = True
    monkeypatch.setattr(encoders, "_loaded", Sounds)
    monkeypatch.setattr(index, "wake_encoder", lambda: None)
    return Sounds()


@pytest.fixture(scope="module")
def real() -> Encoder:
    found = encoders._loaded()
    if isinstance(found, NoEncoder):
        pytest.skip(LACKING)
    return found


@pytest.fixture(scope="module")
def pairs(real: Encoder) -> list[tuple[str, Document]]:
    """Layman's words (none for the others) with the record, encoded."""
    rows = [line.split("\t") for line in PAIRS.read_text("utf-8").splitlines()]
    meanings = real.of_records([f"{title}\n{body}" for _asked, title, body in rows])
    return [
        (asked, replace(document(pk, title, body), meaning=meaning))
        for pk, ((asked, title, body), meaning) in enumerate(zip(rows, meanings, strict=True), 1)
    ]


@every_database
def test_laymens_words_find_the_record_that_says_it_otherwise(
    engine: Engine, real: Encoder, pairs: list[tuple[str, Document]]
) -> None:
    engine.put(record for _asked, record in pairs)
    asked = [(words, record.id) for words, record in pairs if words]
    by_words = [pk for words, pk in asked if pk in ids(ask(engine, words))[:5]]
    found = [
        pk
        for words, pk in asked
        if pk in ids(searching.search(engine, parse(words, audience=STAFF), understand=real.of_question))[:5]
    ]
    assert (len(asked), len(pairs)) == (20, 64)
    assert len(found) >= 15, f"found {len(found)}, by words alone {len(by_words)}"
    assert len(found) > len(by_words)


@every_database
def test_nearest_obeys_permission_facets_and_exclusions_on_every_engine(engine: Engine, sounds: Sounds) -> None:
    texts = ["顶板渗漏", "轿厢溜层", "抹灰空鼓", "外窗漏风", "水管渗漏"]
    records = [document(pk, text) for pk, text in enumerate(texts, 1)]
    records[4] = replace(records[4], audience=frozenset({"others"}))
    engine.put(replace(one, meaning=sounds.of_question(one.title)) for one in records)
    question = sounds.of_question("滴水")
    selection = parse("", audience=STAFF).selection

    def nearest(**changes: object) -> list[int]:
        return [hit.id for hit in engine.nearest(replace(selection, **changes), question, 2)]  # type: ignore[arg-type]

    assert nearest()[0] == 1
    assert 5 not in nearest(audience=STAFF)
    assert nearest(audience=frozenset({"others"})) == [5]
    assert nearest(audience=frozenset()) == []
    assert set(nearest(facets={"estate": frozenset({"HTY"})})) <= {2, 4}
    assert 1 not in nearest(excluded=parse("渗漏", audience=STAFF).selection.groups[0])
    assert engine.nearest(selection, question._replace(model="another"), 2) == ()


def test_few_that_may_be_found_among_many_are_all_compared(
    db: None, sounds: Sounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "WINDOW", 2)
    engine = database_engine()
    hidden = [document(pk, "滴水渗漏", audience=frozenset({"others"})) for pk in range(1, 7)]
    engine.put(
        replace(one, meaning=sounds.of_question(one.title))
        for one in [*hidden, document(7, "轿厢"), document(8, "外窗漏水")]
    )
    found = engine.nearest(parse("", audience=STAFF).selection, sounds.of_question("水滴"), 2)
    assert [hit.id for hit in found] == [8, 7]


@every_database
def test_every_engine_finds_the_same_by_meaning(
    engine: Engine, real: Encoder, pairs: list[tuple[str, Document]]
) -> None:
    engine.put(record for _asked, record in pairs)
    vectors_of = {record.id: record.meaning for _asked, record in pairs}
    for words, record in pairs[:5]:
        question = real.of_question(words)
        hits = engine.nearest(parse("", audience=STAFF).selection, question, 10)
        cosines = {pk: _cosine(question, meaning) for pk, meaning in vectors_of.items() if meaning}
        assert [hit.id for hit in hits] == sorted(cosines, key=lambda pk: (-cosines[pk], -pk))[:10]
        assert [hit.score for hit in hits] == pytest.approx([cosines[hit.id] for hit in hits], abs=1e-4)
        assert record.id in cosines


def _cosine(one: Meaning, other: Meaning) -> float:
    a, b = (list(memoryview(meaning.vector).cast("b")) for meaning in (one, other))
    product = sum(x * y for x, y in zip(a, b, strict=True))
    return float(product / (sum(x * x for x in a) ** 0.5 * sum(y * y for y in b) ** 0.5))


def test_what_is_quoted_a_home_or_a_full_page_asks_for_no_meaning(db: None, sounds: Sounds) -> None:
    engine, asked = database_engine(), list[str]()

    def understand(text: str) -> Meaning:
        asked.append(text)
        return sounds.of_question(text)

    engine.put(document(pk, "顶板渗漏") for pk in range(1, 22))
    for text in ("“滴水”", "3栋2单元1201", "YLW-AL-2026-00001", "顶板渗漏", ""):
        searching.search(engine, parse(text, audience=STAFF), understand=understand)
    assert asked == []
    searching.search(engine, parse("天花板滴水 -电梯", audience=STAFF), understand=understand)
    assert asked == ["天花板滴水"]


def test_the_page_marks_what_says_it_otherwise(client: Client, world: World, sounds: Sounds) -> None:
    case = make_draft(world.editor, world.estate, world.company.design)
    index.put([replace(_document_of(case.pk), title="顶板渗漏")])
    encoding.encode_waiting()
    client.force_login(world.editor)
    page = client.post(reverse("casebook:search"), {"q": "天花板滴水"}).content.decode()
    assert case.get_absolute_url() in page
    assert "意思相近" in page
    assert case.get_absolute_url() not in client.get(reverse("casebook:search"), {"q": "“天花板滴水”"}).content.decode()


def _document_of(pk: int) -> Document:
    return documents_of("case", [pk])[pk]


def test_fusing_keeps_the_order_of_words_where_they_say_it_all() -> None:
    by_words = [Hit("case", pk, score=10.0 - pk, covered=1.0) for pk in range(1, 4)]
    by_meaning = [Hit("case", pk, score=0.9 - pk / 1000, by_meaning=True) for pk in range(20, 40)]
    fused = fuse(by_words, by_meaning)
    assert [hit.id for hit in fused[:3]] == [1, 2, 3]
    assert [hit.id for hit in fused if hit.by_meaning] == list(range(20, 20 + MOST_BY_MEANING))
    assert fuse(by_words, []) == by_words
    assert fuse([], [Hit("case", 1, score=0.8, by_meaning=True)]) == []
    uncovered = [replace(hit, covered=0.1) for hit in by_words]
    assert fuse(uncovered, by_meaning)[0].id == 20


def test_a_half_encoded_corpus_answers_and_is_gone_on_with(db: None, sounds: Sounds) -> None:
    index.put([document(pk, "顶板渗漏") for pk in range(1, 21)])
    assert encoding.progress_of().waiting == 20
    assert encoding.encode_waiting(seconds=0) is True
    half = encoding.progress_of()
    assert (half.encoded, half.total, half.per_second > 0) == (AT_ONCE, 20, True)
    assert (half.memory, half.disk) == (AT_ONCE * encoding.HELD, AT_ONCE * encoding.ROW)
    query = index.parse("天花板滴水", audience=STAFF)
    assert {hit.id for hit in index.search(query).hits} == set(range(13, 21))
    assert index.search(index.parse("渗漏", audience=STAFF)).total == 20
    told: list[int] = []
    assert encoding.encode_waiting(told=told.append) is False
    assert (sum(told), encoding.progress_of().encoded) == (12, 20)


def test_a_vector_goes_with_its_text(db: None, sounds: Sounds) -> None:
    index.put([document(1, "顶板渗漏"), document(2, "轿厢溜层"), document(3, "外窗漏风")])
    encoding.encode_waiting()
    index.put([document(1, "抹灰空鼓"), document(2, "轿厢溜层", facets={"estate": "HTY"})])
    assert set(DocumentMeaning.objects.values_list("record_id", flat=True)) == {2, 3}
    index.remove("case", [3])
    assert set(DocumentMeaning.objects.values_list("record_id", flat=True)) == {2}
    encoding.encode_waiting()
    hits = index.search(index.parse("墙皮掉了", audience=STAFF)).hits
    assert hits[0].id == 1
    assert 3 not in [hit.id for hit in hits]


def test_what_changes_while_it_is_read_is_read_again(db: None, sounds: Sounds, monkeypatch: pytest.MonkeyPatch) -> None:
    index.put([document(1, "顶板渗漏")])
    real, changed = Sounds.of_records, list[bool]()

    def slowly(self: Sounds, texts: Sequence[str]) -> list[Meaning]:
        if not changed:
            changed.append(True)
            index.put([document(1, "抹灰空鼓")])
            return real(self, texts)
        assert list(texts) == ["抹灰空鼓\n"]
        return real(self, texts)

    monkeypatch.setattr(Sounds, "of_records", slowly)
    assert encoding.encode_waiting() is False
    assert bytes(DocumentMeaning.objects.get().vector) == sounds.of_question("抹灰空鼓").vector


def test_one_at_a_time_encodes_and_a_killed_one_is_followed(db: None, sounds: Sounds) -> None:
    index.put([document(1, "顶板渗漏")])
    encoding.encoding_state()
    assert encoding._lease() is True
    assert encoding.encode_waiting() is False
    assert DocumentMeaning.objects.count() == 0
    with pytest.raises(CommandError, match="另一个进程"):
        call_command("search", "encode")
    EncodingState.objects.update(leased_until="2020-01-01T00:00:00Z")
    encoding.encode_waiting()
    assert DocumentMeaning.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_however_many_records_change_one_task_waits(
    extra: None, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.SEARCH_BY_MEANING = True
    queued: list[bool] = []
    monkeypatch.setattr(encoders, "_loaded", Sounds)
    monkeypatch.setattr("search.tasks.encode_records", type("Task", (), {"enqueue": lambda: queued.append(True)}))
    for pk in range(1, 4):
        index.put([document(pk, "顶板渗漏")])
    assert queued == [True]
    index.go_on_encoding()
    assert queued == [True, True]


@pytest.mark.django_db(transaction=True)
def test_the_worker_encodes_what_was_saved(extra: None, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.SEARCH_BY_MEANING = True
    monkeypatch.setattr(encoders, "_loaded", Sounds)
    index.put([document(pk, "顶板渗漏") for pk in range(1, 20)])
    assert (DocumentMeaning.objects.count(), EncodingState.objects.get().queued) == (19, False)


def test_elasticsearch_gets_the_vectors_as_they_come(server: ElasticsearchEngine, world: World, sounds: Sounds) -> None:
    case = make_draft(world.editor, world.estate, world.company.design)
    upkeep.deliver_all()
    selection = parse("", audience=audience_tokens(world.editor)).selection
    question = sounds.of_question("滴水")
    assert server.nearest(selection, question, 5) == ()
    encoding.encode_waiting()
    assert OutboxEntry.objects.filter(replaces=False).count() == 1
    upkeep.deliver_all()
    assert [hit.id for hit in server.nearest(selection, question, 5)] == [case.pk]
    index.put(documents_of("case", [case.pk]).values())
    upkeep.deliver_all()
    assert [hit.id for hit in server.nearest(selection, question, 5)] == [case.pk]
    assert len(upkeep.verify(server)) == 0


def test_a_rebuilt_elasticsearch_keeps_the_vectors(server: ElasticsearchEngine, world: World, sounds: Sounds) -> None:
    draft = make_draft(world.editor, world.estate, world.company.design)
    case = publish(draft, by=world.editor, manager=world.manager, confirmer=world.designer)
    encoding.encode_waiting()
    index.rebuild()
    hits = server.nearest(parse("", audience=audience_tokens(world.designer)).selection, sounds.of_question("水"), 5)
    assert [hit.id for hit in hits] == [case.pk]


def test_without_the_extra_search_is_as_before(
    client: Client, world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SEARCH_BY_MEANING = True
    monkeypatch.setattr(encoders, "E5", None)
    encoders._loaded.cache_clear()
    try:
        index.put([document(1, "顶板渗漏")])
        assert index.search(index.parse("天花板滴水", audience=STAFF)).hits == ()
        assert [hit.id for hit in index.search(index.parse("渗漏", audience=STAFF)).hits] == [1]
        with pytest.raises(NoEncoder) as lack:
            encoder()
        assert lack.value.lack is Lack.NOT_INSTALLED
        assert "没有安装" in _state_page(client)
        with pytest.raises(CommandError, match="没有安装"):
            call_command("search", "encode")
    finally:
        encoders._loaded.cache_clear()


def _state_page(client: Client) -> str:
    client.force_login(User.objects.create_superuser("root", password="anjuan-sample"))
    return client.get(reverse("search-state")).content.decode()


def _installed_at(folder: Path) -> Callable[[str], Distribution]:
    """The package as it is, in a folder of its own: its record says what each file must be."""
    original = distribution(encoders.PACKAGE)
    record = Path(str(original.locate_file(f"{encoders.PACKAGE}-{original.version}.dist-info")))
    shutil.copytree(record, folder / record.name)
    (folder / encoders.PACKAGE).mkdir()
    for one in original.files or ():
        if one.name.startswith(encoders.ENGINE):
            shutil.copy(Path(str(one.locate())), folder / encoders.PACKAGE / one.name)
    return lambda name: Distribution.at(folder / record.name)


@pytest.mark.parametrize("damage", ["missing", "cut short"])
def test_a_model_that_is_missing_or_damaged_is_never_read(
    client: Client,
    world: World,
    real: Encoder,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    damage: str,
) -> None:
    settings.SEARCH_BY_MEANING = True
    monkeypatch.setattr(encoders, "distribution", _installed_at(tmp_path))
    if damage == "cut short":
        (tmp_path / encoders.PACKAGE / encoders.MODEL).write_bytes(b"x" * 1000)
    encoders._loaded.cache_clear()
    try:
        index.put([document(1, "顶板渗漏")])
        assert [hit.id for hit in index.search(index.parse("渗漏", audience=STAFF)).hits] == [1]
        with pytest.raises(NoEncoder) as lack:
            encoder()
        assert (lack.value.lack, lack.value.file) == (Lack.DAMAGED, encoders.MODEL)
        page = _state_page(client)
        assert encoders.MODEL in page
        assert "按词语查找照常" in page
    finally:
        encoders._loaded.cache_clear()


def test_a_package_that_is_gone_counts_as_not_installed(monkeypatch: pytest.MonkeyPatch, real: Encoder) -> None:
    def gone(name: str) -> Distribution:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(encoders, "distribution", gone)
    with pytest.raises(NoEncoder) as lack:
        encoders._checked_files()
    assert lack.value.lack is Lack.NOT_INSTALLED


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "漏" * 100_000, "😀𠮷"])
def test_any_text_has_a_vector(real: Encoder, text: str) -> None:
    assert len(real.of_question(text).vector) == len(real.of_records([text])[0].vector) == DIMENSIONS


def test_the_same_text_has_the_same_vector_in_either_script(real: Encoder) -> None:
    assert real.of_question("頂板滲漏") == real.of_question("顶板渗漏")
    assert hashlib.sha256(real.of_question("顶板渗漏").vector).hexdigest() == (
        hashlib.sha256(real.of_question("顶板渗漏").vector).hexdigest()
    )


def test_the_administrator_sees_how_far_it_is_and_what_it_costs(client: Client, world: World, sounds: Sounds) -> None:
    index.put([document(pk, "顶板渗漏") for pk in range(1, 11)])
    assert "还没有测出速度" in _state_page(client)
    encoding.encode_waiting(seconds=0)
    EncodingState.objects.update(per_second=0.01)
    page = client.get(reverse("search-state")).content.decode()
    assert "8 / 10" in page
    assert "约 4 分" in page
    assert client.post(reverse("search-state")).status_code == 302
    encoding.encode_waiting()
    assert "继续编码" not in client.get(reverse("search-state")).content.decode()


def test_on_the_judged_sets_meaning_gives_and_takes_nothing(db: None, real: Encoder, test_data: Path) -> None:
    """In small here: the documents of the first even laymen's questions, and a few others. `make soak` asks all."""
    engine, folder = database_engine(), test_data / "eval"
    if EVALUATED:
        _whole_sets(engine, folder, real)
        return
    questions = [query for query in read_queries(folder)["stard_q"] if number_in(query.id) % 2 == 0][:12]
    wanted = {name for query in questions for name in query.relevant}
    corpus = [(name, record) for name, record in read_corpus(folder) if name in wanted or record.id % 60 == 0]
    names = {record.id: name for name, record in corpus}
    meanings = real.of_records([f"{record.title}\n{record.body}" for _name, record in corpus])
    engine.put(replace(record, meaning=one) for (_name, record), one in zip(corpus, meanings, strict=True))

    def found(understand: Callable[[str], Meaning | None]) -> float:
        total = 0.0
        for query in questions:
            asked = parse(query.text, audience=frozenset({"evaluation"}), limit=10)
            hits = searching.search(engine, asked, understand=understand).hits
            total += len({names[hit.id] for hit in hits} & query.relevant) / min(len(query.relevant), 10)
        return total / len(questions)

    assert found(real.of_question) >= found(lambda text: None)


def _is_even(query: Query) -> bool:
    return number_in(query.id) % 2 == 0


def _whole_sets(engine: Engine, folder: Path, real: Encoder) -> None:
    meant = figures(evaluate(engine, folder, by=real, wanted=_is_even))
    engine.clear()
    DocumentMeaning.objects.all().delete()
    plain = figures(evaluate(engine, folder, wanted=_is_even))
    for name, before in plain.items():
        after = meant[name]
        print(f"{name:14}", *(f"{m} {before[m]:.3f} → {after[m]:.3f}" for m in ("r@1", "r@10")))
    assert meant["stard_q"]["r@10"] >= 0.70
    for group in ("questions", "keywords", "cross-script"):
        names = [name for name in plain if group_of(name) == group and name != "stard_q"]
        for measure in ("r@1", "r@10"):
            without, withal = (fmean(found[name][measure] for name in names) for found in (plain, meant))
            print(f"{group:14} {measure} {without:.3f} → {withal:.3f}")
            assert withal >= without - 0.02
