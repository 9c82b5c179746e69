"""Engines hide behind one protocol; which one serves follows from the settings."""

from django.conf import settings
from django.db import connection

from search.engines.base import Engine, EngineFailure
from search.engines.elastic import ElasticsearchEngine
from search.engines.postgres import PostgresEngine
from search.engines.rows import RowsEngine
from search.engines.server import client
from search.engines.sqlite import SqliteEngine

_database_engines: dict[str, RowsEngine] = {"sqlite": SqliteEngine(), "postgresql": PostgresEngine()}


def database_engine() -> RowsEngine:
    """The engine in the site's database: always written, and what answers while Elasticsearch is away or behind."""
    return _database_engines[connection.vendor]


def elasticsearch_engine() -> ElasticsearchEngine | None:
    """None where the settings name no server."""
    if not settings.ELASTICSEARCH_URL:
        return None
    return ElasticsearchEngine(client(), settings.ELASTICSEARCH_ALIAS)


__all__ = ["Engine", "EngineFailure", "database_engine", "elasticsearch_engine"]
