"""Where the bytes lie. Both storages refuse to overwrite, and both answer with the address of our own view."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import quote

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from django.utils.translation import gettext as _
from storages.backends.s3 import S3Storage

from running.outages import Unavailable

REST = 10.0
"""Seconds after a failure in which nobody else is kept waiting for the same answer."""

SERVER_ERROR = 500
logger = logging.getLogger(__name__)
T = TypeVar("T")


class StorageAway(Unavailable):
    """The bucket does not answer, or answers that it cannot. Nothing was stored or changed by this call."""

    def __str__(self) -> str:
        return _("存放照片和文件的服务器暂时没有应答，请过一会儿再试。您填写的内容没有丢失。")


def address(name: str | None) -> str:
    return f"{settings.FILES_URL}{quote(name or '')}"


class FiledFolder(FileSystemStorage):
    """A local folder; names are ours already and stay as they are."""

    def url(self, name: str | None) -> str:
        return address(name)


def answered(act: Callable[..., T]) -> Callable[..., T]:
    """The act of a storage; where the bucket is away, StorageAway, and for REST seconds at once."""

    @wraps(act)
    def acted(self: FiledBucket, *args: object, **named: object) -> T:
        if time.monotonic() < self.away_until:
            raise StorageAway
        try:
            return act(self, *args, **named)
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) < SERVER_ERROR:
                raise
            raise self.gone(error) from error
        except (BotoCoreError, Boto3Error) as error:
            raise self.gone(error) from error

    return acted


class FiledBucket(S3Storage):
    """An S3 bucket that no browser ever talks to: no signed addresses leave the server."""

    away_until = 0.0

    def gone(self, error: Exception) -> StorageAway:
        logger.error("the bucket does not answer: %s", type(error).__name__)
        self.away_until = time.monotonic() + REST
        return StorageAway()

    @answered
    def _save(self, name: str, content: File[bytes]) -> str:
        return str(super()._save(name, content))

    @answered
    def _open(self, name: str, mode: str = "rb") -> Any:
        return super()._open(name, mode)

    @answered
    def exists(self, name: str) -> bool:
        return bool(super().exists(name))

    @answered
    def delete(self, name: str) -> None:
        super().delete(name)

    @answered
    def size(self, name: str) -> int:
        return int(super().size(name))

    def url(
        self,
        name: str | None,
        parameters: dict[str, str] | None = None,
        expire: int | None = None,
        http_method: str | None = None,
    ) -> str:
        return address(name)
