"""Where the bytes lie. Both storages refuse to overwrite, and both answer with the address of our own view."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from storages.backends.s3 import S3Storage


def address(name: str | None) -> str:
    return f"{settings.FILES_URL}{quote(name or '')}"


class FiledFolder(FileSystemStorage):
    """A local folder; names are ours already and stay as they are."""

    def url(self, name: str | None) -> str:
        return address(name)


class FiledBucket(S3Storage):
    """An S3 bucket that no browser ever talks to: no signed addresses leave the server."""

    def url(
        self,
        name: str | None,
        parameters: dict[str, str] | None = None,
        expire: int | None = None,
        http_method: str | None = None,
    ) -> str:
        return address(name)
