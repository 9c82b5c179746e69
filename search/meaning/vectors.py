"""Every stored vector of a database in the memory of this process, to be compared with one question at a time.

An exact scan: 100,000 records are 38 MB and some milliseconds. What was stored by others is read before each question.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from functools import cache

from search.meaning.encoder import DIMENSIONS, Meaning
from search.models import DocumentMeaning

try:
    import numpy as np
except ImportError:  # the extra is not installed: nobody asks
    np = None  # type: ignore[assignment]

Key = tuple[str, int]
WINDOW = 256
"""So many of the nearest are asked about first; if too few of them may be found, all that may be are compared."""

BLOCK = 8192
FEWEST_ROWS = 1024
READ = 5000


class Vectors:
    """Those of one database and one model."""

    def __init__(self, alias: str, model: str) -> None:
        self._alias, self._model = alias, model
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._last = 0
        self._keys: list[Key] = []
        self._places: dict[Key, int] = {}
        self._rows = np.zeros((FEWEST_ROWS, DIMENSIONS), dtype=np.int8)
        self._lengths = np.ones(FEWEST_ROWS, dtype=np.float32)

    def nearest(
        self,
        question: Meaning,
        limit: int,
        *,
        among: Callable[[Collection[Key]], set[Key]],
        every: Callable[[], Iterable[Key]],
    ) -> list[tuple[Key, float]]:
        """The nearest records that may be found, with their cosines, the nearest first; ties: the larger id first.

        `among` says which of some records may be found, `every` names all that may be.
        """
        with self._lock:
            self._read_on()
            scores = self._scores(question)
            first = np.argpartition(-scores, WINDOW)[:WINDOW] if len(scores) > WINDOW else np.arange(len(scores))
            allowed = among([self._keys[place] for place in first])
            places = [place for place in first if self._keys[place] in allowed]
            if len(places) < limit and len(scores) > WINDOW:
                places = [self._places[key] for key in every() if key in self._places]
            found = [(self._keys[place], float(scores[place])) for place in places]
        return sorted(found, key=lambda one: (-one[1], -one[0][1], one[0][0]))[:limit]

    def _scores(self, question: Meaning) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        count = len(self._keys)
        asked = np.frombuffer(question.vector, dtype=np.int8).astype(np.float32)
        scores = np.empty(count, dtype=np.float32)
        for start in range(0, count, BLOCK):
            stop = min(start + BLOCK, count)
            scores[start:stop] = self._rows[start:stop].astype(np.float32) @ asked
        return scores / (self._lengths[:count] * max(float(np.linalg.norm(asked)), 1.0))

    def _read_on(self) -> None:
        """What was stored since. A row that was replaced has a new id; one that was deleted may stay: it is not among
        what may be found."""
        stored = DocumentMeaning.objects.using(self._alias).filter(model=self._model)
        newest = stored.order_by("-pk").values_list("pk", flat=True).first() or 0
        if newest < self._last:
            self._forget()
        if newest == self._last:
            return
        rows = stored.filter(pk__gt=self._last).order_by("pk").values_list("kind", "record_id", "vector")
        for kind, pk, vector in rows.iterator(chunk_size=READ):
            self._put((kind, pk), bytes(vector))
        self._last = newest

    def _put(self, key: Key, vector: bytes) -> None:
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self._keys)
            self._keys.append(key)
            if place == len(self._rows):
                self._rows = np.vstack([self._rows, np.zeros_like(self._rows)])
                self._lengths = np.concatenate([self._lengths, np.ones_like(self._lengths)])
        self._rows[place] = np.frombuffer(vector, dtype=np.int8)
        self._lengths[place] = max(float(np.linalg.norm(self._rows[place].astype(np.float32))), 1.0)


@cache
def vectors_of(alias: str, model: str) -> Vectors:
    """The process's own."""
    return Vectors(alias, model)
