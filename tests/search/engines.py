"""The engines under test, and the mark that lets a test use the databases of all of them."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from django.conf import settings
from elasticsearch import Elasticsearch

from cms.settings.test import CHECKOUT, listens
from search.engines import Engine
from search.engines.elastic import ElasticsearchEngine
from search.engines.postgres import PostgresEngine
from search.engines.sqlite import SqliteEngine

ELASTICSEARCH_PORT = 9245
TEST_ALIAS = f"anjuan-test-{CHECKOUT}-{os.environ.get('PYTEST_XDIST_WORKER', 'single')}"
every_database = pytest.mark.django_db(databases=[a for a in ("default", "postgres") if a in settings.DATABASES])


def postgres() -> PostgresEngine:
    if "postgres" not in settings.DATABASES:
        pytest.skip("no PostgreSQL server: run `make services`")
    return PostgresEngine("postgres")


def elasticsearch() -> ElasticsearchEngine:
    if not listens(ELASTICSEARCH_PORT):
        pytest.skip("no Elasticsearch server: run `make services`")
    client = Elasticsearch(f"http://127.0.0.1:{ELASTICSEARCH_PORT}", request_timeout=60)
    for index in client.indices.get(index=f"{TEST_ALIAS}-*"):
        client.indices.delete(index=index)
    engine = ElasticsearchEngine(client, TEST_ALIAS)
    engine.clear()
    return engine


ENGINES: dict[str, Callable[[], Engine]] = {
    "sqlite": SqliteEngine,
    "postgresql": postgres,
    "elasticsearch": elasticsearch,
}
