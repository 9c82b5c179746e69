"""The story on PostgreSQL, Elasticsearch and the real S3 server, with a worker and production settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.search.engines import ELASTICSEARCH_PORT, elasticsearch

ROOT = Path(__file__).parent.parent.parent
SERVER = "postgres://anjuan@127.0.0.1:5445"


@pytest.fixture
def database() -> Iterator[str]:
    """An empty database on the PostgreSQL of `make services`."""
    name = f"shape_{uuid4().hex[:12]}"
    try:
        with psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=3) as connection:
            connection.execute(f"CREATE DATABASE {name}")
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL: run `make services`")
    yield f"{SERVER}/{name}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_story_holds_in_the_production_shape(database: str, tmp_path: Path) -> None:
    elasticsearch()  # skips where there is none
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cms.settings.production",
        "DATABASE_URL": database,
        "SECRET_KEY": "only-for-this-test-0123456789-0123456789-0123456789",
        "ANJUAN_VAR": str(tmp_path),
        "ALLOWED_HOSTS": "testserver",
        "SECURE_COOKIES": "0",
        "MAIL_URL": f"file://{tmp_path / 'mail'}",
        "STORAGE_URL": f"s3://anjuan-test/{uuid4().hex}",
        "ELASTICSEARCH_URL": f"http://127.0.0.1:{ELASTICSEARCH_PORT}",
        "ELASTICSEARCH_ALIAS": f"shape-{uuid4().hex[:12]}",
        "S3_ENDPOINT": "http://127.0.0.1:9345",
        "S3_KEY": "anjuan-test",
        "S3_SECRET": "anjuan-test-secret",
        "PYTHONPATH": str(ROOT),
    }
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], cwd=ROOT, env=environment, check=True
    )
    answer = subprocess.run(
        [sys.executable, "tests/cms/production_story.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in answer.stdout.splitlines() if line.startswith("TOLD ")]
    assert lines, answer.stderr[-3000:]
    told = json.loads(lines[0].removeprefix("TOLD "))
    year = told["number"].split("-")[2]
    assert told["number"] == f"YLW-AL-{year}-00001"
    assert (told["vendor"], told["found"], told["photo"], told["after"]) == ("postgresql", 1, 200, 0)
    assert told["numbers"] == [f"HTY-AL-2026-{n:05}" for n in range(1, 17)]
    assert told["twins"] == 1
    assert told["magazine"] == [24, 24, 24, 200, 200], "four postmen at once: each reader gets one"
    assert told["raced"] == [11, 11]
    assert (told["drawing"], told["intact"]) == ([[2], 1, 200, "image/jpeg"], True)
    assert (told["degraded"], told["differences"]) == (False, [0, 0])
    assert told["mails"] > 0
    assert told["failed_tasks"] == 0
    assert (told["problems"], told["sound"]) == ([[], [], [], [], []], True)
