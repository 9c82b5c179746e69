from __future__ import annotations

from collections.abc import Iterator

from magazine.models import Edition, Subscriber


def stored_files() -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of every PDF that was frozen with a mailing."""
    yield from Edition.objects.exclude(pdf="").order_by("pk").values_list("pdf", "pdf_sha256").iterator()


def subscriber_subjects() -> Iterator[tuple[str, str]]:
    """Whose address is sealed with which key."""
    for subscriber in Subscriber.objects.order_by("pk").only("pk", "subject").iterator():
        yield subscriber.subject, str(subscriber)
