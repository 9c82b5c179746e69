"""An engine of each kind, empty and apart from the live index, for as long as it is needed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connections

from search.engines.base import Engine
from search.engines.elastic import ElasticsearchEngine
from search.engines.postgres import PostgresEngine
from search.engines.server import NoElasticsearch, client
from search.engines.sqlite import SqliteEngine

APART = "search-apart"
SCHEMA = "anjuan_search_apart"
ENGINES = ("sqlite", "postgresql", "elasticsearch")


class NoSuchServer(Exception):
    """The settings name no server of that kind."""


@contextmanager
def engine_apart(name: str) -> Iterator[Engine]:
    """Raises NoSuchServer where the site does not run on that engine (SQLite is always there)."""
    if name == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield from _in_database(
                name, {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(folder) / "apart.sqlite3"}
            )
    elif name == "postgresql":
        yield from _in_schema()
    else:
        yield from _in_indices()


def _in_schema() -> Iterator[Engine]:
    live = connections["default"]
    if live.vendor != "postgresql":
        raise NoSuchServer("DATABASE_URL")
    with live.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
    given = live.settings_dict["OPTIONS"]
    options = {**given, "options": f"{given.get('options', '')} -c search_path={SCHEMA}"}
    try:
        yield from _in_database("postgresql", {**live.settings_dict, "OPTIONS": options})
    finally:
        with live.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def _in_database(name: str, settings: dict[str, object]) -> Iterator[Engine]:
    alias = f"{APART}-{name}"
    connections.databases[alias] = connections.configure_settings({"default": {}, alias: settings})[alias]
    try:
        call_command("migrate", "search", database=alias, verbosity=0)
        yield SqliteEngine(alias) if name == "sqlite" else PostgresEngine(alias)
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.databases[alias]


def _in_indices() -> Iterator[Engine]:
    try:
        engine = ElasticsearchEngine(client(), APART)
    except NoElasticsearch as error:
        raise NoSuchServer("ELASTICSEARCH_URL") from error
    engine.clear()
    try:
        yield engine
    finally:
        engine.drop()
