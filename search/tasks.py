"""What search does in the worker."""

from __future__ import annotations

from django.db import transaction
from django_tasks import task

from search.meaning import encoding
from search.meaning.encoder import NoEncoder


@task()
def encode_records() -> None:
    """One slice of work; as long as more waits, another task follows, behind those of others."""
    encoding.forget_task()
    try:
        more = encoding.encode_waiting(seconds=encoding.SLICE)
    except NoEncoder:
        return
    if more:
        wake_encoder()


def wake_encoder() -> None:
    """Records changed. One task waits at a time, however many did."""
    with transaction.atomic():  # claimed and enqueued, or neither
        if encoding.claim_task():
            encode_records.enqueue()
