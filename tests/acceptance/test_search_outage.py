"""Elasticsearch is killed and started while cases are edited and deleted: it catches up by itself, and nothing differs.

`SOAK_OUTAGES` and `SOAK_EDITS` raise the counts (`make soak`: ten outages during 5,000 edits and deletions).
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from elasticsearch import Elasticsearch
from pytest_django import Settings

from casebook import policies
from casebook.models import CasePage
from casebook.services.bulk import PublishedCase, file_published_cases
from casebook.services.clearing import discard_draft
from search import index, upkeep
from search.engines.elastic import ElasticsearchEngine
from search.models import OutboxEntry
from tests.acceptance.post_office import free_port
from tests.conftest import World
from tests.search.engines import elasticsearch

ROOT = Path(__file__).parent.parent.parent
OUTAGES = int(os.environ.get("SOAK_OUTAGES", "1"))
EDITS = int(os.environ.get("SOAK_EDITS", "200"))
CATCHES_UP_WITHIN = 180
WORDS = ["电梯", "渗漏", "噪音", "地下车库", "门窗", "合同", "押金", "外墙", "空鼓", "积水"]


class Node:
    """A server of its own, to be killed."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [str(ROOT / "scripts/services/elasticsearch-node"), str(self.folder), str(self.port)]
        self.process = subprocess.Popen(  # noqa: S603  our own script
            command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def wait(self) -> None:
        client = Elasticsearch(f"http://127.0.0.1:{self.port}", request_timeout=5, max_retries=0)
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                client.cluster.health(wait_for_status="yellow", timeout="5s")
            except Exception:  # noqa: BLE001  whatever it says while it starts
                time.sleep(0.3)
            else:
                return
        pytest.fail("Elasticsearch did not start")

    def kill(self) -> None:
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.fixture
def node() -> Iterator[Node]:
    elasticsearch()  # skips where `make services` installed none
    folder = Path(tempfile.mkdtemp(prefix="anjuan-outage-"))
    folder.chmod(0o755)
    made = Node(folder)
    made.start()
    made.wait()
    yield made
    made.kill()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def feed(node: Node, settings: Settings, tmp_path: Path, transactional_db: None) -> Iterator[ElasticsearchEngine]:
    """`search feed` as a process of its own on the test's database."""
    settings.ELASTICSEARCH_URL = f"http://127.0.0.1:{node.port}"
    settings.ELASTICSEARCH_ALIAS = f"outage-{uuid4().hex[:8]}"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cms.settings.development",
        "ANJUAN_VAR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "ELASTICSEARCH_URL": settings.ELASTICSEARCH_URL,
        "ELASTICSEARCH_ALIAS": settings.ELASTICSEARCH_ALIAS,
    }
    command = [sys.executable, str(ROOT / "manage.py"), "search", "feed"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        yield ElasticsearchEngine(Elasticsearch(settings.ELASTICSEARCH_URL), settings.ELASTICSEARCH_ALIAS)
        process.terminate()


def edit_or_delete(dice: random.Random, cases: list[CasePage]) -> None:
    case = dice.choice(cases)
    if dice.random() < 0.1 and len(cases) > 20:
        cases.remove(case)
        discard_draft(case)
        return
    case.title = "".join(dice.sample(WORDS, 2))
    case.description = "，".join(dice.choices(WORDS, k=8))
    case.live = dice.random() < 0.8
    case.save(clean=False)


def test_killed_again_and_again_it_ends_without_a_difference(
    build: Callable[[], World], node: Node, feed: ElasticsearchEngine
) -> None:
    world, dice = build(), random.Random(4)
    filed = file_published_cases(
        [
            PublishedCase(world.estate, date(2026, 11, 1 + n % 20), {"title": "电梯", "to_design": True}, f"o{n}")
            for n in range(100)
        ],
        by=None,
    )
    cases = list(CasePage.objects.filter(pk__in=[case.pk for case in filed]))
    audience = policies.audience_tokens(world.designer)
    for number in range(EDITS):
        edit_or_delete(dice, cases)
        phase = number * OUTAGES % EDITS
        if phase < OUTAGES and number:
            node.start()
            node.wait()
        elif EDITS // 2 <= phase < EDITS // 2 + OUTAGES:
            node.kill()
        if number % 10 == 0:
            right = {case.pk for case in cases if case.live and "电梯" in case.title + case.description}
            results = index.search(index.parse("电梯", audience=audience, limit=200))
            assert {hit.id for hit in results.hits} >= right
            assert results.total == len(right)
    if node.process is None:
        node.start()
        node.wait()
    until = time.monotonic() + CATCHES_UP_WITHIN
    while OutboxEntry.objects.exists() and time.monotonic() < until:
        time.sleep(0.3)
    assert upkeep.lag().waiting == 0
    differences = upkeep.verify(feed)
    print(f"\n{EDITS} edits and deletions, {OUTAGES} outages: {len(differences)} differences, {len(cases)} cases left")
    assert len(differences) == 0
