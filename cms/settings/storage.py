"""Where uploaded files lie: a folder (default) or an S3 bucket, from STORAGE_URL and the S3_* variables."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit

from botocore.config import Config
from django.core.exceptions import ImproperlyConfigured

from cms.settings import environment

CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 3, 15, 2
"""A bucket that hangs holds a request for half a minute at most, and the next ones not at all."""

MEMORY_FOR_A_FILE = 5_000_000


class Storage(TypedDict):
    BACKEND: str
    OPTIONS: dict[str, object]


def storage(url: str, default_folder: Path) -> Storage:
    """`file:///folder` or `s3://bucket[/folder]`; the S3 address and keys come from S3_ENDPOINT, S3_KEY, S3_SECRET."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        location = parts.path or str(default_folder)
        return {"BACKEND": "media.storage.FiledFolder", "OPTIONS": {"location": location}}
    if parts.scheme == "s3" and parts.netloc:
        options: dict[str, object] = {
            "bucket_name": parts.netloc,
            "location": parts.path.strip("/"),
            "endpoint_url": environment.text("S3_ENDPOINT", "") or None,
            "access_key": environment.text("S3_KEY", "") or None,
            "secret_key": environment.text("S3_SECRET", "") or None,
            "region_name": environment.text("S3_REGION", "us-east-1"),
            "file_overwrite": False,
            "max_memory_size": MEMORY_FOR_A_FILE,
            "client_config": Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
                s3={"addressing_style": None},
            ),
        }
        return {"BACKEND": "media.storage.FiledBucket", "OPTIONS": options}
    raise ImproperlyConfigured(f"STORAGE_URL={url!r} must be file:///folder or s3://bucket.")
