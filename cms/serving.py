"""The web server where no proxy stands before it: a request is taken in whole before a thread is given to it, so that
slow senders hold nobody up (decision 0032).

What is to be encrypted never lies in a file of the server first: bodies for those addresses stay in memory, all of
them together within a bound.
"""

from __future__ import annotations

import threading
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from waitress.utilities import Error, RequestEntityTooLarge

SECRET_PREFIXES = ("/archive/", "/imports/")
SECRET_BYTES = 256 << 20
"""Of bodies held in memory at once; whoever comes after is asked to come again."""
WITHOUT_SESSION_BYTES = 1 << 20
"""Of a body from somebody who shows no session."""
SPILL_BYTES = 256 << 10
FORM_BYTES = 8 << 20
CONNECTIONS = 1_000
IDLE_SECONDS = 60


class Budget:
    """Bytes that may be held at once, taken and given back."""

    def __init__(self, most: int) -> None:
        self.left = most
        self.lock = threading.Lock()

    def take(self, size: int) -> bool:
        with self.lock:
            if size > self.left:
                return False
            self.left -= size
            return True

    def give_back(self, size: int) -> None:
        with self.lock:
            self.left += size


SECRET_BUDGET = Budget(SECRET_BYTES)


class Busy(Error):
    code = 503
    reason = "Service Unavailable"


class Request(HTTPRequestParser):
    """Decides when the head of a request is there how its body is taken in."""

    taken = 0

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.body_rcv is None:
            return
        size = self.content_length or self.adj.max_request_body_size
        if size > WITHOUT_SESSION_BYTES and settings.SESSION_COOKIE_NAME not in self.headers.get("COOKIE", ""):
            self._refuse(RequestEntityTooLarge("no session"))
        elif self.content_length >= self.adj.max_request_body_size:
            self._refuse(RequestEntityTooLarge("too large"))
        elif self.path.startswith(SECRET_PREFIXES):
            self._keep_in_memory(size)

    def _keep_in_memory(self, size: int) -> None:
        if size > settings.PHOTO_MAX_BYTES * 2 + FORM_BYTES:
            self._refuse(RequestEntityTooLarge("too large"))
        elif not SECRET_BUDGET.take(size):
            self._refuse(Busy("too many uploads at once, try again"))
        else:
            self.taken = size
            self.body_rcv.getbuf().overflow = size + 1

    def _refuse(self, error: Any) -> None:
        """Nobody is asked to go on: waitress would then take the whole body before it answers."""
        self.error, self.completed, self.connection_close = error, True, True
        self.expect_continue = False

    def close(self) -> None:
        super().close()
        SECRET_BUDGET.give_back(self.taken)
        self.taken = 0


class Channel(HTTPChannel):
    parser_class = Request

    def handle_close(self) -> None:
        """Also gives back what requests that were cut off had taken. A thread may be reading the first that is whole;
        it closes that one itself."""
        with self.requests_lock:
            for request in [self.request, *self.requests[1:]]:
                if request is not None:
                    request.close()
        super().handle_close()


def serve(listen: str, threads: int) -> None:
    """Serve until SystemExit or KeyboardInterrupt; requests under way are finished."""
    server = create_server(
        get_wsgi_application(),
        listen=listen,
        threads=threads,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=5,
        inbuf_overflow=SPILL_BYTES,
        max_request_body_size=settings.DRAWING_MAX_BYTES * 2 + FORM_BYTES,
        ident=None,
        # ClientAddressMiddleware decides whose word is taken; where no proxy is named, nobody's comes that far.
        clear_untrusted_proxy_headers=not settings.TRUSTED_PROXIES,
    )
    server.channel_class = Channel
    server.run()
