"""Asks the web process of the same container whether it is well: for its health check. Needs no Django."""

from __future__ import annotations

import os
import sys
import urllib.request
from http import HTTPStatus

ADDRESS = "http://127.0.0.1:8000/health/"
SECONDS = 10


def is_well(address: str) -> bool:
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip()
    asked = urllib.request.Request(address, headers={"Host": host})  # noqa: S310  our own address
    try:
        with urllib.request.urlopen(asked, timeout=SECONDS) as answer:  # noqa: S310
            return bool(answer.status == HTTPStatus.OK)
    except OSError as error:
        print(error)
        return False


if __name__ == "__main__":
    sys.exit(not is_well(ADDRESS))
