from __future__ import annotations

from collections.abc import Iterator

from magazine.models import Edition


def stored_files() -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of every PDF that was frozen with a mailing."""
    yield from Edition.objects.exclude(pdf="").order_by("pk").values_list("pdf", "pdf_sha256").iterator()
