"""Slow senders hold nobody up; what a body may be is decided when its head is there."""

from __future__ import annotations

import socket
import time
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client
from pytest_django import Settings
from waitress.adjustments import Adjustments

from cms import serving
from cms.serving import Budget, Request
from tests.acceptance.own_site import SECONDS
from tests.acceptance.post_office import free_port
from tests.archives.conftest import Archive
from tests.conftest import World
from tests.faults.small_site import small_site

HALF = b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nhalf of it"


@pytest.mark.django_db(transaction=True)
def test_g6_the_site_answers_beside_forty_half_sent_requests(tmp_path: Path) -> None:
    port = free_port()
    site = small_site(tmp_path / "var", SITE_URL=f"http://127.0.0.1:{port}")
    site.manage("make_keys")
    site.manage("collectstatic", "--noinput", "-v0")
    with site.running("serve", "--listen", f"127.0.0.1:{port}"):
        _wait(port)
        senders = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
        try:
            for sender in senders:
                sender.sendall(HALF)
            for _ in range(5):
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=20) as answer:
                    assert answer.status == 200
        finally:
            for sender in senders:
                sender.close()


def _wait(port: int) -> None:
    until = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.2)
        else:
            return


def head(path: str, size: int, cookie: str = "Cookie: sessionid=x\r\n") -> Request:
    request = Request(Adjustments(max_request_body_size=1 << 30))
    request.received(f"POST {path} HTTP/1.1\r\nHost: x\r\n{cookie}Content-Length: {size}\r\n\r\n".encode())
    return request


def test_g6_who_shows_no_session_sends_little() -> None:
    assert head("/login/", 1 << 20, cookie="").error is None
    refused = head("/file/photos/", (1 << 20) + 1, cookie="")
    assert (refused.error.code, refused.completed) == (413, True)
    assert head("/file/photos/", 40 << 20).error is None


def test_g7_bodies_that_will_be_encrypted_stay_in_memory_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "SECRET_BUDGET", Budget(50 << 20))
    first = head("/archive/d/x/documents/", 30 << 20)
    assert first.error is None
    first.received(b"x" * (2 << 20))
    assert first.body_rcv.getbuf().overflowed is False, "nothing of it lies in a file"
    assert head("/archive/d/x/documents/", 30 << 20).error.code == 503
    first.close()
    first.close()
    assert serving.SECRET_BUDGET.left == 50 << 20
    elsewhere = head("/file/photos/", 30 << 20)
    elsewhere.received(b"x" * (2 << 20))
    assert elsewhere.body_rcv.getbuf().overflowed is True
    elsewhere.close()


@pytest.mark.parametrize(
    "path", ["/archive/bags/", "/archive/d/{key}/documents/", "/archive/d/{key}/change/", "/imports/new/handover/"]
)
def test_g7_nothing_is_read_from_those_who_may_not_send(world: World, archive: Archive, path: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.designer)
    body = Unread()
    response = client.generic(
        "POST",
        path.format(key="YLW-DA-2026-00001"),
        data=b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH="40000000",
        **{"wsgi.input": body},  # type: ignore[arg-type]
    )
    assert (response.status_code, body.asked) == (404 if "{key}" in path else 403, 0)


class Unread:
    """A body that counts how often it is asked for."""

    asked = 0

    def read(self, size: int = -1) -> bytes:
        self.asked += 1
        return b""

    readline = read


@pytest.mark.parametrize(
    ("peer", "told", "seen"),
    [
        ("172.28.0.5", "203.0.113.9", "203.0.113.9"),
        ("172.28.0.5", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("172.28.0.5", "nonsense", "172.28.0.5"),
        ("172.28.0.5", "", "172.28.0.5"),
    ],
)
def test_g6_only_the_proxy_says_from_where_a_request_came(settings: Settings, peer: str, told: str, seen: str) -> None:
    from ipaddress import ip_network

    from cms.client_address import ClientAddressMiddleware

    settings.TRUSTED_PROXIES = [ip_network("172.28.0.0/16")]
    request = SimpleNamespace(META={"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": told})
    ClientAddressMiddleware(lambda request: request)(request)  # type: ignore[arg-type,return-value]
    assert request.META["REMOTE_ADDR"] == seen
