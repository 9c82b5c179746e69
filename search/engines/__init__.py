"""Engines hide behind one protocol; which one serves is a setting."""

from search.engines.base import Engine
from search.engines.sqlite import SqliteEngine


def engine() -> Engine:
    return SqliteEngine()


__all__ = ["Engine", "engine"]
