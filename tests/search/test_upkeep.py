"""Elasticsearch follows the records, whatever happens to it; while it is away or behind, the database answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from casebook import policies
from casebook.factories import make_draft, publish
from casebook.models import CasePage
from casebook.services.publishing import withdraw_case
from search import index, searching, upkeep
from search.documents import Document
from search.engines import Engine, EngineFailure, database_engine
from search.engines.elastic import Change, ElasticsearchEngine
from search.models import IndexedDocument, OutboxEntry
from search.queries import Query, Results
from search.searching import Understand
from tests.conftest import World
from tests.search.engines import ELASTICSEARCH_PORT, TEST_ALIAS, elasticsearch
from tests.search.test_engines import document

ROOT = Path(__file__).parent.parent.parent
STAFF = frozenset({"staff"})


@pytest.fixture(autouse=True)
def ask_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No failure of an earlier test keeps this process from asking."""
    monkeypatch.setattr(index, "_ask_again_at", 0.0)


@pytest.fixture
def server(settings: Settings, db: None) -> ElasticsearchEngine:
    """The site runs with Elasticsearch, its index empty."""
    engine = elasticsearch()
    settings.ELASTICSEARCH_URL = f"http://127.0.0.1:{ELASTICSEARCH_PORT}"
    settings.ELASTICSEARCH_ALIAS = TEST_ALIAS
    return engine


def published(world: World) -> CasePage:
    draft = make_draft(world.editor, world.estate, world.company.design)
    return publish(draft, by=world.editor, manager=world.manager, confirmer=world.designer)


def found(world: World, text: str = "变形缝") -> tuple[list[int], bool]:
    query = index.parse(text, audience=policies.audience_tokens(world.designer))
    results = index.search(query)
    return [hit.id for hit in results.hits], results.degraded


def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the engines that answer from now on."""
    names: list[str] = []
    real = searching.search

    def noting(engine: Engine, query: Query, *, understand: Understand) -> Results:
        names.append(engine.name)
        return real(engine, query, understand=understand)

    monkeypatch.setattr(searching, "search", noting)
    return names


def test_what_was_delivered_is_answered_by_elasticsearch(
    server: ElasticsearchEngine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, names = published(world), asked(monkeypatch)
    assert found(world) == ([case.pk], False)
    upkeep.deliver_all()
    assert not OutboxEntry.objects.exists()
    assert found(world) == ([case.pk], False)
    assert names == ["sqlite", "elasticsearch"]
    assert len(upkeep.verify(server)) == 0


def test_what_left_its_audience_is_gone_before_it_is_delivered(
    server: ElasticsearchEngine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = published(world)
    upkeep.deliver_all()
    names = asked(monkeypatch)
    withdraw_case(case=case, by=world.manager, reason="有误")
    assert found(world) == ([], False)
    assert names == ["sqlite"]
    upkeep.deliver_all()
    assert found(world) == ([], False)
    assert names == ["sqlite", "elasticsearch"]


def test_a_state_older_than_the_delivered_one_is_passed_over(server: ElasticsearchEngine) -> None:
    server.apply([Change("case", 1, document(1, "新标题"), 12)])
    server.apply([Change("case", 1, document(1, "旧标题"), 11)])
    server.apply([Change("case", 2, None, 14), Change("case", 2, document(2, "删除之前"), 13)])
    assert server.ids(index.parse("新标题", audience=STAFF).selection) == [1]
    assert server.health().documents == 1


def test_a_change_that_is_rolled_back_is_never_delivered(server: ElasticsearchEngine) -> None:
    class UndoneError(Exception):
        pass

    def put_and_fail() -> None:
        with transaction.atomic():
            index.put([document(1, "电梯")])
            raise UndoneError

    with pytest.raises(UndoneError):
        put_and_fail()
    assert (OutboxEntry.objects.count(), IndexedDocument.objects.count()) == (0, 0)


BAD_ANSWERS: dict[str, tuple[int, bytes, int]] = {
    "429": (429, b'{"error": {"type": "es_rejected_execution_exception"}, "status": 429}', 0),
    "503": (503, b"", 0),
    "garbage": (200, b"<html>not json", 0),
    "another answer": (200, b'{"acknowledged": true}', 0),
    "half a body": (200, b'{"hits": {"total": {"val', 4000),
}


@pytest.fixture(params=BAD_ANSWERS)
def bad_server(request: pytest.FixtureRequest, settings: Settings) -> Iterator[str]:
    status, body, promised = BAD_ANSWERS[request.param]

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(promised or len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = answer  # noqa: N815  the base class's names

        def log_message(self, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        settings.ELASTICSEARCH_URL = f"http://127.0.0.1:{listening.server_port}"
        yield settings.ELASTICSEARCH_URL
        listening.shutdown()


def test_whatever_elasticsearch_answers_saving_works_and_search_says_so(bad_server: str, world: World) -> None:
    case = published(world)
    waiting = OutboxEntry.objects.count()
    OutboxEntry.objects.update(replaces=False)
    assert found(world) == ([case.pk], True)
    with pytest.raises(EngineFailure):
        upkeep.deliver()
    assert (OutboxEntry.objects.count(), upkeep.lag().failures) == (waiting, 1)
    assert [engine.ok for engine in index.status().engines] == [True, False]


def test_a_server_that_is_not_there_is_left_alone_for_a_while(settings: Settings, world: World) -> None:
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"
    case = published(world)
    OutboxEntry.objects.update(replaces=False)
    assert found(world) == ([case.pk], True)
    assert index._ask_again_at > 0
    assert found(world) == ([case.pk], True)


def test_a_fault_of_our_own_is_not_taken_for_the_servers(
    server: ElasticsearchEngine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(world)

    def broken(kind: str, ids: object) -> dict[int, Document]:
        raise KeyError("ours")

    monkeypatch.setattr(upkeep, "documents_of", broken)
    with pytest.raises(KeyError, match="ours"):
        upkeep.deliver()
    assert upkeep.lag().failures == 0
    assert OutboxEntry.objects.exists()


def test_an_index_deleted_or_changed_by_hand_is_made_anew(server: ElasticsearchEngine, world: World) -> None:
    case = published(world)
    upkeep.deliver_all()
    [name] = server.client.indices.get_alias(name=TEST_ALIAS)
    server.client.indices.put_mapping(index=name, properties={"strange": {"type": "keyword"}})
    assert not server.is_ready()
    upkeep.make_ready()
    assert (server.is_ready(), len(upkeep.verify(server))) == (True, 0)
    server.drop()
    assert found(world) == ([case.pk], True)
    upkeep.queue("case", [case.pk], known=[])
    with pytest.raises(EngineFailure):
        upkeep.deliver()
    assert OutboxEntry.objects.count() == 1
    upkeep.make_ready()
    upkeep.deliver_all()
    assert len(upkeep.verify(server)) == 0


def test_differences_are_found_and_mended_in_both_engines(server: ElasticsearchEngine, world: World) -> None:
    cases = [published(world) for _ in range(3)]
    upkeep.deliver_all()
    for engine in (database_engine(), server):
        engine.remove("case", [cases[0].pk])
        engine.put([document(cases[1].pk, "别的内容"), document(999_999, "没有这份案例")])
        differences = upkeep.verify(engine)
        assert (differences.missing, differences.stale, differences.superfluous) == (
            (("case", cases[0].pk),),
            (("case", cases[1].pk),),
            (("case", 999_999),),
        )
    with pytest.raises(CommandError):
        call_command("search", "verify", stdout=StringIO(), stderr=StringIO())
    call_command("search", "repair", stdout=StringIO(), stderr=StringIO())
    call_command("search", "feed", "--once", stdout=StringIO(), stderr=StringIO())
    out = StringIO()
    call_command("search", "verify", stdout=out, stderr=StringIO())
    assert out.getvalue().splitlines() == [
        "sqlite：缺 0 条，过时 0 条，多余 0 条。",
        "elasticsearch：缺 0 条，过时 0 条，多余 0 条。",
    ]


def test_a_rebuild_leaves_no_gap_and_loses_no_change_made_meanwhile(server: ElasticsearchEngine, world: World) -> None:
    first, second = published(world), published(world)
    upkeep.deliver_all()
    seen: list[list[int]] = []

    def meanwhile(count: int) -> None:
        seen.append(server.ids(index.parse("变形缝", audience=None).selection))
        if len(seen) == 1:
            withdraw_case(case=first, by=world.manager, reason="有误")
            assert upkeep.deliver() == 0  # it waits for the new index

    upkeep.rebuild_elasticsearch(server, meanwhile)
    assert all(sorted(ids) == [first.pk, second.pk] for ids in seen)
    upkeep.deliver_all()
    assert len(upkeep.verify(server)) == 0
    assert found(world) == ([second.pk], False)


def test_a_retrieval_set_is_measured_apart_from_the_live_index(tmp_path: Path) -> None:
    elasticsearch()
    (tmp_path / "queries").mkdir()
    rows = [{"id": "a", "title": "电梯", "text": "电梯困人"}, {"id": "b", "title": "渗漏", "text": "车库渗漏"}]
    (tmp_path / "corpus.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    judged = [{"id": "1", "text": "车库渗漏", "rel": ["b"]}, {"id": "2", "text": "不存在", "rel": ["a"]}]
    (tmp_path / "queries" / "q.jsonl").write_text("\n".join(json.dumps(row) for row in judged))
    address = f"http://127.0.0.1:{ELASTICSEARCH_PORT}"
    environment = os.environ | {"ANJUAN_VAR": str(tmp_path), "ELASTICSEARCH_URL": address, "DEBUG": "1"}
    for engine in ("sqlite", "elasticsearch"):
        command = [sys.executable, "manage.py", "search", "eval", str(tmp_path), "--engine", engine, "--json"]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
        told = json.loads(done.stdout)["sets"]["q"]
        figures = [told[name] for name in ("r@1", "r@10", "mrr@10", "empty", "n")]
        assert (engine, figures) == (engine, [0.5, 0.5, 0.5, 0.5, 2])


def test_the_pauses_between_failed_deliveries_grow_to_a_minute() -> None:
    assert [upkeep.pause_after(n) for n in (1, 2, 3, 7, 50)] == [1, 2, 4, 60, 60]


def state_page(client: Client) -> str:
    answer = client.get("/search/state/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_administrators_see_which_engine_answers_and_what_waits(
    settings: Settings, world: World, admin_client: Client
) -> None:
    assert "正常，由数据库回答。没有设置 Elasticsearch。" in state_page(admin_client)
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"
    published(world)
    text = state_page(admin_client)
    assert "有修改还没有送达 Elasticsearch，暂由数据库回答" in text
    assert f"{OutboxEntry.objects.count()} 条" in text
    assert "不一致或没有应答" in text
    with pytest.raises(EngineFailure):
        upkeep.deliver()
    assert "1 次" in state_page(admin_client)
    OutboxEntry.objects.update(replaces=False)
    assert found(world)[1]
    assert "Elasticsearch 刚才没有应答，暂由数据库回答" in state_page(admin_client)
    database_engine().execute(f"DELETE FROM {database_engine().STREAMS}", [])
    assert "数据库里的索引与记录对不上" in state_page(admin_client)
    assert not index.is_sound()


def test_nobody_else_sees_the_state_of_search(world: World, client: Client) -> None:
    client.force_login(world.manager)
    assert client.get("/search/state/").status_code == 403


def test_when_elasticsearch_answers_the_page_says_so(
    server: ElasticsearchEngine, world: World, admin_client: Client
) -> None:
    published(world)
    upkeep.deliver_all()
    text = state_page(admin_client)
    assert "正常，由 Elasticsearch 回答。" in text
    assert "0 条" in text
