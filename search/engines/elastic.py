"""Elasticsearch: the engine for many records. Tokens are ours; its analyser only splits at blanks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from itertools import islice
from typing import Any, ParamSpec, TypeVar

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError
from elasticsearch.dsl import Q, Response, Search
from elasticsearch.dsl.query import Bool, ConstantScore, Query
from elasticsearch.helpers import bulk

from search.documents import FACETS, Document
from search.engines.base import Candidate, Counts, EngineFailure, Health, Statistics
from search.meaning.encoder import DIMENSIONS, Meaning
from search.queries import Alternative, Audience, Code, Hit, Selection
from search.streams import IndexEntry, entry_of

LARGEST_WINDOW = 20_000
MOST_VALUES = 10_000
BULK = 400
NEIGHBOURS = 400
ANALYSIS = 2
"""Raised when the streams change: an index of another number is made anew."""

STREAM = {"type": "text", "analyzer": "whitespace", "norms": False}
EXACT = {"type": "keyword", "norms": False}
SETTINGS = {"index": {"number_of_replicas": 0, "max_result_window": LARGEST_WINDOW, "gc_deletes": "1h"}}
PROPERTIES: dict[str, dict[str, Any]] = {
    "record_id": {"type": "long"},
    "title": {"type": "text", "index": False},
    "body": {"type": "text", "index": False},
    "date": {"type": "date"},
    "title_grams": STREAM,
    "body_grams": STREAM,
    **dict.fromkeys([*FACETS, "digest", "marks", "words", "codes", "audience", "model"], EXACT),
    "meaning": {"type": "dense_vector", "dims": DIMENSIONS, "element_type": "byte", "similarity": "cosine"},
}
MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "_meta": {"analysis": ANALYSIS},
    "properties": PROPERTIES,
}
NEWEST: list[dict[str, Any]] = [{"date": "desc"}, {"record_id": "desc"}, {"kind": "asc"}]
HEAVIEST: list[dict[str, Any]] = [{"_score": "desc"}, {"record_id": "desc"}, {"kind": "asc"}]


P = ParamSpec("P")
R = TypeVar("R")
FAILURES = (ApiError, TransportError, LookupError, AttributeError, TypeError, ValueError)
"""What the client raises, and what reading an answer raises that is not what was asked for."""


def answered(method: Callable[P, R]) -> Callable[P, R]:
    """Turns every way in which a server can fail into EngineFailure. For methods that only ask or send."""

    @wraps(method)
    def asking(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except FAILURES as error:
            raise EngineFailure(f"{type(error).__name__}: {error}") from error

    return asking


@dataclass(frozen=True, slots=True)
class Change:
    """A record's state at a version: its document, or None where it is gone."""

    kind: str
    id: int
    document: Document | None
    version: int


class ElasticsearchEngine:
    """Behind `alias`; the index itself is `alias-1`, `alias-2`, … so that a new one can be filled and put in its place.

    Every method raises EngineFailure when the server does not answer, or with something else.
    """

    name = "elasticsearch"

    def __init__(self, client: Elasticsearch, alias: str) -> None:
        self.client, self.alias = client, alias

    def put(self, documents: Iterable[Document]) -> None:
        self._write(_index_action(self.alias, document) for document in documents)

    def remove(self, kind: str, ids: Iterable[int]) -> None:
        self._write(_delete_action(self.alias, kind, pk) for pk in ids)

    def apply(self, changes: Iterable[Change]) -> None:
        """Bring records to these states. A state older than what is there already is passed over."""
        self._write(_versioned_action(self.alias, change) for change in changes)

    def clear(self) -> None:
        """An empty index, also where there was none."""
        self.replace([])

    def replace(self, documents: Iterable[Document]) -> int:
        """Fill a new index and put it behind the alias at one stroke; the old one goes afterwards. Returns how many."""
        old, new = self._begin()
        count = self._write((_index_action(new, document) for document in documents), live=False)
        self._put_in_place(old, new)
        return count

    @answered
    def _begin(self) -> tuple[list[str], str]:
        """Names of the indices there are, one that a killed rebuild left behind too, and of a new, empty one."""
        old = list(self.client.indices.get(index=f"{self.alias}-*"))
        new = f"{self.alias}-{1 + max((int(name.rpartition('-')[2]) for name in old), default=0)}"
        self.client.indices.create(index=new, mappings=MAPPING, settings=SETTINGS)
        return old, new

    @answered
    def _put_in_place(self, old: Iterable[str], new: str) -> None:
        self.client.indices.refresh(index=new)
        actions: list[dict[str, object]] = [{"remove_index": {"index": name}} for name in old]
        self.client.indices.update_aliases(actions=[*actions, {"add": {"index": new, "alias": self.alias}}])

    def settle(self) -> None:
        """Nothing: it keeps no statistics of its own to plan by."""

    @answered
    def drop(self) -> None:
        """The alias and every index behind it are gone."""
        for name in self.client.indices.get(index=f"{self.alias}-*"):
            self.client.indices.delete(index=name)

    @answered
    def counts(self, selection: Selection) -> Counts:
        search = self._search(_filter(selection))[:0].extra(track_total_hits=True)
        for name in FACETS:
            search.aggs.bucket(name, "terms", field=name, size=MOST_VALUES)
        response = search.execute()
        facets = {name: _spread(response.aggregations[name].buckets) for name in FACETS}
        return Counts(_total(response), facets)

    @answered
    def statistics(self, tokens: Sequence[str], audience: Audience) -> Statistics:
        search = self._search(_filter(Selection(audience)))[:0].extra(track_total_hits=True)
        if tokens:
            search.aggs.bucket("tokens", "filters", filters={str(n): _holds(t) for n, t in enumerate(tokens)})
        response = search.execute()
        counts = {t: int(response.aggregations.tokens.buckets[str(n)].doc_count) for n, t in enumerate(tokens)}
        return Statistics(_total(response), counts)

    @answered
    def candidates(self, selection: Selection, weights: Mapping[str, int], limit: int) -> list[Candidate]:
        weighed: list[Query] = []
        for token, weight in weights.items():
            weighed.append(ConstantScore(filter=_holds(token), boost=weight))
            weighed.append(ConstantScore(filter=_term("title_grams", token), boost=weight))
        query = Bool(filter=_filter(selection), should=weighed, minimum_should_match=0)
        search = self._search(query).sort(*HEAVIEST).source(["kind", "record_id", "title", "body"])
        return [Candidate(h.kind, h.record_id, h.title, h.body) for h in search[:limit].execute()]

    @answered
    def nearest(self, selection: Selection, question: Meaning, limit: int) -> tuple[Hit, ...]:
        """Approximate: the nearest of the NEIGHBOURS that a walk through the graph of vectors finds."""
        search = Search(using=self.client, index=self.alias).knn(
            "meaning",
            k=limit,
            num_candidates=max(NEIGHBOURS, limit),
            query_vector=_signed(question.vector),
            filter=Bool(filter=[_filter(selection), _term("model", question.model)]),
        )
        found = search.sort(*HEAVIEST).source(["kind", "record_id"])[:limit].execute()
        return tuple(Hit(h.kind, h.record_id, score=2 * h.meta.score - 1, by_meaning=True) for h in found)

    @answered
    def newest(self, selection: Selection, limit: int) -> tuple[Hit, ...]:
        search = self._search(_filter(selection)).sort(*NEWEST).source(["kind", "record_id"])
        return tuple(Hit(h.kind, h.record_id) for h in search[: min(limit, LARGEST_WINDOW)].execute())

    @answered
    def ids(self, selection: Selection) -> list[int]:
        """Read at one point in time, whatever changes meanwhile."""
        search = self._search(_filter(selection)).source(["record_id"]).extra(size=MOST_VALUES)
        return [hit.record_id for hit in search.iterate()]

    @answered
    def digests(self) -> Iterable[tuple[str, int, str]]:
        """Kind, id and digest of every document, at one point in time."""
        search = self._search(Q("match_all")).source(["kind", "record_id", "digest"]).extra(size=MOST_VALUES)
        return [(hit.kind, hit.record_id, hit.digest) for hit in search.iterate()]

    @answered
    def is_ready(self) -> bool:
        """There is an index behind the alias, with our mapping."""
        found = self._indices()
        if len(found) != 1:
            return False
        mapping = self.client.indices.get_mapping(index=found[0])[found[0]]["mappings"]
        return bool(mapping.get("_meta") == MAPPING["_meta"] and set(mapping["properties"]) == set(PROPERTIES))

    @answered
    def health(self) -> Health:
        ready = self.is_ready()
        return Health(self.name, int(self.client.count(index=self.alias)["count"]) if ready else 0, ready)

    def _search(self, query: Query) -> Search:
        return Search(using=self.client, index=self.alias).query(query)

    def _write(self, actions: Iterable[dict[str, Any]], *, live: bool = True) -> int:
        """Documents are read and made into actions out here: what goes wrong there is no failure of the server."""
        count, unread = 0, iter(actions)
        while chunk := list(islice(unread, BULK)):
            self._send(chunk, live=live)
            count += len(chunk)
        return count

    @answered
    def _send(self, actions: list[dict[str, Any]], *, live: bool) -> None:
        """What is settled already is no failure: gone, or known in a newer state. A live index that is not there is:
        writing must not make one, which would hold nothing but the last changes."""
        _count, errors = bulk(self.client, actions, refresh=live, require_alias=live, raise_on_error=False)
        refused = [error for error in (errors if isinstance(errors, list) else []) if not _is_settled(error)]
        if refused:
            raise EngineFailure(f"{len(refused)} changes refused: {refused[0]}")

    def _indices(self) -> list[str]:
        try:
            return list(self.client.indices.get_alias(name=self.alias))
        except NotFoundError:
            return []


def _is_settled(outcome: dict[str, Any]) -> bool:
    """One item of a bulk answer: deleted already, or known in a newer state."""
    error = next(iter(outcome.values())).get("error")
    return not error or error.get("type") == "version_conflict_engine_exception"


def _total(response: Response[Any]) -> int:
    return int(response.to_dict()["hits"]["total"]["value"])


def _spread(buckets: Iterable[Any]) -> tuple[tuple[str, int], ...]:
    """Value and count, the most frequent first."""
    counted = [(str(bucket.key), int(bucket.doc_count)) for bucket in buckets]
    return tuple(sorted(counted, key=lambda found: (-found[1], found[0])))


def _key(kind: str, pk: int) -> str:
    return f"{kind}-{pk}"


def _index_action(index: str, document: Document) -> dict[str, Any]:
    entry = entry_of(document)
    return {"_op_type": "index", "_index": index, "_id": _key(entry.kind, entry.id), "_source": _source(entry)}


def _delete_action(index: str, kind: str, pk: int) -> dict[str, Any]:
    return {"_op_type": "delete", "_index": index, "_id": _key(kind, pk)}


def _versioned_action(index: str, change: Change) -> dict[str, Any]:
    document = change.document
    action = _index_action(index, document) if document else _delete_action(index, change.kind, change.id)
    return action | {"version": change.version, "version_type": "external_gte"}


def _source(entry: IndexEntry) -> dict[str, object]:
    return {
        "kind": entry.kind,
        "record_id": entry.id,
        "title": entry.title,
        "body": entry.body,
        "date": entry.date.isoformat(),
        "digest": entry.digest,
        **{name: value for name, value in entry.facets.items() if value},
        "title_grams": " ".join(entry.title_grams),
        "body_grams": " ".join(entry.body_grams),
        "marks": entry.marks,
        "words": entry.words,
        "codes": entry.codes,
        "audience": entry.audience,
        **_meaning(entry.meaning),
    }


def _meaning(meaning: Meaning | None) -> dict[str, object]:
    return {"meaning": _signed(meaning.vector), "model": meaning.model} if meaning else {}


def _signed(vector: bytes) -> list[float]:
    """Whole numbers from -127 to 127."""
    return list(memoryview(vector).cast("b"))


def _filter(selection: Selection) -> Query:
    """Permission first, then texts and codes, facets and dates."""
    must: list[Query] = []
    if selection.audience is not None:
        must.append(_terms("audience", selection.audience))
    must += [_either(*(_match(one) for one in group)) for group in selection.groups]
    if selection.any_of:
        tokens = list(selection.any_of)
        fields = ("title_grams", "body_grams", "words")
        must.append(_either(*(_terms(name, tokens) for name in fields)))
    must += [_terms(name, values) for name, values in selection.facets.items()]
    bounds = {"gte": selection.since, "lte": selection.until}
    if any(bounds.values()):
        must.append(Q("range", date={sign: day.isoformat() for sign, day in bounds.items() if day}))
    must_not = [_match(one) for one in selection.excluded]
    must_not += [_terms(name, values) for name, values in selection.without.items()]
    return Bool(filter=must or [Q("match_all")], must_not=must_not)


def _match(one: Alternative) -> Query:
    if isinstance(one, Code):
        return _term("codes", one.token)
    parts: list[Query] = [_term("marks", mark) for mark in one.marks]
    fields = ("title_grams",) if one.in_title else ("title_grams", "body_grams")
    if len(one.grams) == 1:
        parts.append(_either(*(_term(name, one.grams[0]) for name in fields)))
    elif one.grams:
        parts.append(_either(*(Q("match_phrase", **{name: " ".join(one.grams)}) for name in fields)))
    return Bool(filter=parts)


def _holds(token: str) -> Query:
    return _either(*(_term(name, token) for name in ("title_grams", "body_grams", "words", "marks")))


def _term(field: str, value: str) -> Query:
    return Q("term", **{field: value})


def _terms(field: str, values: Iterable[str]) -> Query:
    return Q("terms", **{field: sorted(values)})


def _either(*queries: Query) -> Query:
    return Bool(should=list(queries), minimum_should_match=1)
