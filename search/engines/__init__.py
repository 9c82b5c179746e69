"""Engines hide behind one protocol; which one serves follows from the settings."""

from django.db import connection

from search.engines.base import Engine
from search.engines.postgres import PostgresEngine
from search.engines.sqlite import SqliteEngine

_database_engines: dict[str, Engine] = {"sqlite": SqliteEngine(), "postgresql": PostgresEngine()}


def engine() -> Engine:
    """The engine in the site's database."""
    return _database_engines[connection.vendor]


__all__ = ["Engine", "engine"]
