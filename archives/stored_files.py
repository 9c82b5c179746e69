from __future__ import annotations

from collections.abc import Iterator

from archives.models import DossierDocument, DossierPage


def stored_files() -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of every stored file of a dossier."""
    yield from DossierDocument.objects.order_by("pk").values_list("path", "sha256").iterator()


def dossier_subjects() -> Iterator[tuple[str, str]]:
    """Each customer's subject, with the dossier's number, or what it is called before it has one."""
    rows = DossierPage.objects.order_by("pk").values_list("customer__subject", "number", "slug")
    for subject, number, slug in rows.iterator():
        yield subject, number or slug
