"""What the import machine registers with others."""

from __future__ import annotations

from collections.abc import Iterator

from exchange.models import ImportBatch
from vault.subjects import register_subjects


def batch_subjects() -> Iterator[tuple[str, str]]:
    """Imports whose rows can still be had again."""
    for batch in ImportBatch.objects.filter(is_readable=True).order_by("pk").iterator():
        yield batch.subject, str(batch)


register_subjects(batch_subjects)
