from __future__ import annotations

from collections.abc import Iterator

from archives.models import DossierDocument


def stored_files() -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of every stored file of a dossier."""
    yield from DossierDocument.objects.order_by("pk").values_list("path", "sha256").iterator()
