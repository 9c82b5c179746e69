"""G6: who is refused with the head of his request sends no body, also where he asked whether to go on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from waitress.server import create_server

from cms import serving
from cms.serving import Budget, Channel
from tests.acceptance.post_office import free_port

SESSION = "Cookie: sessionid=x\r\n"
MOST = 64 << 20


@pytest.fixture
def port() -> Iterator[int]:
    port = free_port()
    server = create_server(
        lambda environ, start: [],
        listen=f"127.0.0.1:{port}",
        threads=1,
        max_request_body_size=MOST,
        ident=None,
    )
    server.channel_class = Channel
    threading.Thread(target=server.run, daemon=True).start()
    yield port
    server.close()


def ask(port: int, path: str, size: int, cookie: str = SESSION, *, body: bytes = b"") -> str:
    """All that is answered to a head that asks whether to go on, and to what is sent after it."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sender:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\n{cookie}Content-Length: {size}\r\nExpect: 100-continue\r\n\r\n"
        sender.sendall(head.encode() + body)
        return answer_of(sender)


def answer_of(sender: socket.socket) -> str:
    received = b""
    try:
        while chunk := sender.recv(65536):
            received += chunk
            if received.endswith(b"100 Continue\r\n\r\n"):
                break
    except TimeoutError:
        pass
    return received.decode().partition("\r\n")[0]


@pytest.mark.parametrize(
    ("path", "size", "cookie", "told"),
    [
        ("/login/", 2 << 20, "", "HTTP/1.1 413 Request Entity Too Large"),
        ("/archive/d/x/documents/", MOST, SESSION, "HTTP/1.1 413 Request Entity Too Large"),
        ("/archive/d/x/documents/", 30 << 20, SESSION, "HTTP/1.1 503 Service Unavailable"),
        ("/file/photos/", MOST + 1, SESSION, "HTTP/1.1 413 Request Entity Too Large"),
        ("/file/photos/", 2 << 20, SESSION, "HTTP/1.1 100 Continue"),
    ],
    ids=["no session", "too large", "too many at once", "too large for all", "welcome"],
)
def test_g6_who_asks_whether_to_go_on_is_told_at_once(
    port: int, monkeypatch: pytest.MonkeyPatch, path: str, size: int, cookie: str, told: str
) -> None:
    monkeypatch.setattr(serving, "SECRET_BUDGET", Budget(20 << 20))
    assert ask(port, path, size, cookie) == told
    assert serving.SECRET_BUDGET.left == 20 << 20


def test_g6_of_a_refused_body_that_was_sent_all_the_same_nothing_is_taken(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []
    usual = serving.Request.received

    def noted(self: serving.Request, data: bytes) -> int:
        in_body = self.body_rcv is not None
        consumed = int(usual(self, data))
        if in_body:
            taken.append(consumed)
        return consumed

    monkeypatch.setattr(serving.Request, "received", noted)
    answer = ask(port, "/login/", 2 << 20, cookie="", body=b"x" * 1000)
    assert answer == "HTTP/1.1 413 Request Entity Too Large"
    assert sum(taken) == 0
