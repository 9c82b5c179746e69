"""The Elasticsearch server that ELASTICSEARCH_URL names, where it names one."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from elasticsearch import Elasticsearch

ANSWERS_WITHIN = 10
"""Seconds. A search that waits longer is better answered by the database."""


class NoElasticsearch(Exception):
    """The settings name no server."""


def client() -> Elasticsearch:
    if not settings.ELASTICSEARCH_URL:
        raise NoElasticsearch
    return _client(settings.ELASTICSEARCH_URL)


@lru_cache(maxsize=4)
def _client(url: str) -> Elasticsearch:
    return Elasticsearch(url, request_timeout=ANSWERS_WITHIN, max_retries=0, retry_on_timeout=False)
