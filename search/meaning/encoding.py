"""Records are encoded in the background, a slice of work at a time, the newest first; what was done stays done."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from search.documents import ids_by_kind
from search.engines.rows import meaning_row
from search.meaning.encoder import AT_ONCE, Encoder, NoEncoder, encoder, has_encoder, record_text
from search.models import DocumentMeaning, EncodingState, IndexedDocument
from search.upkeep import queue

if TYPE_CHECKING:
    from django.db.models import QuerySet

SLICE = 10.0
"""Seconds of work before others have their turn in the worker."""

LEASE = timedelta(minutes=2)
ROW, HELD = 480, 970
"""Bytes of a stored vector with its row and indexes, and of one in a process with its key; measured at 100,000."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`per_second` is 0 before anything was measured. Bytes are what the vectors take: in each process that answers,
    and in the database."""

    encoded: int
    total: int
    per_second: float
    lack: NoEncoder | None

    @property
    def waiting(self) -> int:
        return self.total - self.encoded

    @property
    def seconds_left(self) -> int | None:
        return round(self.waiting / self.per_second) if self.per_second else None

    @property
    def memory(self) -> int:
        return self.encoded * HELD

    @property
    def disk(self) -> int:
        return self.encoded * ROW


def progress_of() -> Progress:
    state = encoding_state()
    try:
        model, lack = encoder().name, None
    except NoEncoder as error:
        model, lack = "", error
    total = IndexedDocument.objects.count()
    encoded = DocumentMeaning.objects.filter(model=model).count()
    return Progress(encoded, total, state.per_second, lack)


def encoding_state() -> EncodingState:
    state, _made = EncodingState.objects.get_or_create(pk=1)
    return state


def claim_task() -> bool:
    """Whether the caller shall enqueue a task: there is an encoder, and no task waits already."""
    if not has_encoder():
        return False
    encoding_state()
    return bool(EncodingState.objects.filter(pk=1, queued=False).update(queued=True))


def forget_task() -> None:
    """The task that waited has begun, or is lost."""
    EncodingState.objects.filter(pk=1).update(queued=False)


def encode_waiting(*, seconds: float | None = None, told: Callable[[int], object] = lambda count: None) -> bool:
    """Encode what is not yet, or as much as the time allows; `told` how many as they are done. Whether more waits.

    Raises NoEncoder. Does nothing while another process is at it.
    """
    by = encoder()
    encoding_state()
    if not _lease():
        return False
    started, count = time.monotonic(), 0
    try:
        while batch := list(_waiting(by.name).order_by("-pk")[:AT_ONCE]):
            _encode(by, batch)
            count += len(batch)
            told(len(batch))
            _renew()
            if seconds is not None and time.monotonic() - started >= seconds:
                break
        return _waiting(by.name).exists()
    finally:
        speed = {"per_second": count / (time.monotonic() - started)} if count else {}
        EncodingState.objects.filter(pk=1).update(leased_until=None, **speed)


def _waiting(model: str) -> QuerySet[IndexedDocument]:
    done = DocumentMeaning.objects.filter(kind=OuterRef("kind"), record_id=OuterRef("record_id"), model=model)
    return IndexedDocument.objects.exclude(Exists(done))


def _encode(by: Encoder, batch: Sequence[IndexedDocument]) -> None:
    """What changed while it was being read is left for the next time."""
    meanings = by.of_records([record_text(row.title, row.body) for row in batch])
    with transaction.atomic():
        present = set(
            IndexedDocument.objects.select_for_update()
            .filter(pk__in=[row.pk for row in batch])
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        kept = [(row, meaning) for row, meaning in zip(batch, meanings, strict=True) if row.pk in present]
        for kind, ids in ids_by_kind((row.kind, row.record_id) for row, _meaning in kept).items():
            DocumentMeaning.objects.filter(kind=kind, record_id__in=ids).delete()
            if settings.ELASTICSEARCH_URL:
                queue(kind, ids, known=())
        DocumentMeaning.objects.bulk_create(meaning_row(row, meaning) for row, meaning in kept)


def _lease() -> bool:
    free = Q(leased_until=None) | Q(leased_until__lt=timezone.now())
    return bool(EncodingState.objects.filter(free, pk=1).update(leased_until=timezone.now() + LEASE))


def _renew() -> None:
    EncodingState.objects.filter(pk=1).update(leased_until=timezone.now() + LEASE)
