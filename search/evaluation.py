"""How good is search on a retrieval set? Documents and judged queries from a folder, through the path people use.

`corpus.jsonl` holds id, title, text; `queries/<set>.jsonl` holds id, text and rel, the ids of the right documents.
"""

from __future__ import annotations

import json
import math
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from search import language, searching
from search.documents import Document
from search.engines import Engine
from search.meaning.encoder import AT_ONCE, Encoder, record_text

KIND = "evaluation"
DAY = date(2026, 1, 1)
FIRST = 10
AUDIENCE = frozenset({KIND})


@dataclass(frozen=True, slots=True)
class Query:
    id: str
    text: str
    relevant: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one query gave: the ids found, best first, at most ten, and milliseconds of wall time."""

    query: Query
    found: tuple[str, ...]
    ms: float

    @property
    def recall_at_1(self) -> float:
        return float(bool(self.found) and self.found[0] in self.query.relevant)

    @property
    def recall_at_10(self) -> float:
        """Relevant found ÷ min(relevant, 10)."""
        return len(self.query.relevant.intersection(self.found)) / min(len(self.query.relevant), FIRST)

    @property
    def reciprocal_rank(self) -> float:
        places = [place for place, found in enumerate(self.found, 1) if found in self.query.relevant]
        return 1 / places[0] if places else 0.0


def number_in(query_id: str) -> int:
    """All digits of an id as one number: odd ones are for choosing, even ones for reporting."""
    return int("".join(char for char in query_id if char.isdecimal()) or 0)


def group_of(name: str) -> str:
    """What a set of queries is like, by its name."""
    if name.startswith("x_"):
        return "cross-script"
    return "questions" if name.endswith("_q") else "keywords"


def read_corpus(folder: Path) -> Iterator[tuple[str, Document]]:
    """Source id and document, numbered from 1 in the order of the file."""
    for number, line in enumerate((folder / "corpus.jsonl").read_text("utf-8").splitlines(), 1):
        row = json.loads(line)
        yield str(row["id"]), Document(KIND, number, str(row["title"]), str(row["text"]), DAY, AUDIENCE)


def read_queries(folder: Path) -> dict[str, list[Query]]:
    return {
        path.stem: [
            Query(str(row["id"]), str(row["text"]), frozenset(map(str, row["rel"])))
            for row in map(json.loads, path.read_text("utf-8").splitlines())
        ]
        for path in sorted((folder / "queries").glob("*.jsonl"))
    }


def evaluate(
    engine: Engine,
    folder: Path,
    *,
    by: Encoder | None = None,
    wanted: Callable[[Query], bool] = lambda query: True,
    progress: Callable[[int], object] = lambda count: None,
) -> dict[str, list[Outcome]]:
    """Index the corpus into the engine, which must be empty or apart from the live index, and ask every query; with an
    encoder, by what it means too."""
    corpus = list(read_corpus(folder))
    names = {document.id: name for name, document in corpus}
    documents = [document for _name, document in corpus]
    engine.put(_encoded(documents, by, progress) if by else documents)
    engine.settle()
    outcomes: dict[str, list[Outcome]] = {}
    for set_name, queries in read_queries(folder).items():
        outcomes[set_name] = []
        for query in filter(wanted, queries):
            started = time.perf_counter()
            asked = language.parse(query.text, audience=AUDIENCE, limit=FIRST)
            results = searching.search(engine, asked, understand=by.of_question if by else lambda text: None)
            ms = (time.perf_counter() - started) * 1000
            outcomes[set_name].append(Outcome(query, tuple(names[hit.id] for hit in results.hits), ms))
            progress(1)
    return outcomes


def _encoded(documents: Sequence[Document], by: Encoder, progress: Callable[[int], object]) -> Iterator[Document]:
    for start in range(0, len(documents), AT_ONCE):
        batch = documents[start : start + AT_ONCE]
        meanings = by.of_records([record_text(document.title, document.body) for document in batch])
        progress(len(batch))
        yield from (replace(document, meaning=meaning) for document, meaning in zip(batch, meanings, strict=True))


def figures(outcomes: Mapping[str, Iterable[Outcome]]) -> dict[str, dict[str, float]]:
    """Per set: r@1, r@10, mrr@10, empty (share without a hit), p50_ms, p95_ms, n."""
    return {name: _figures(list(rows)) for name, rows in outcomes.items() if rows}


def _figures(rows: list[Outcome]) -> dict[str, float]:
    times = sorted(row.ms for row in rows)
    return {
        "r@1": statistics.fmean(row.recall_at_1 for row in rows),
        "r@10": statistics.fmean(row.recall_at_10 for row in rows),
        "mrr@10": statistics.fmean(row.reciprocal_rank for row in rows),
        "empty": sum(not row.found for row in rows) / len(rows),
        "p50_ms": statistics.median(times),
        "p95_ms": times[math.ceil(0.95 * len(times)) - 1],
        "n": len(rows),
    }
