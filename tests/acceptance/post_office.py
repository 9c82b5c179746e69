"""A real SMTP server on loopback that keeps what it took, and fails in the ways that real ones do.

What happens to a mail is said by how its recipient's address begins: `grey` is put off once, `gone` and `spam` are
refused, `cut` is taken and the line breaks before the answer, `lost` breaks before it is taken, `shut` hangs up once.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class PostOffice:
    taken: list[tuple[str, str, bytes]] = field(default_factory=list)
    """Sender, recipient and content of every mail that was taken, in the order of arrival."""

    asked: Counter[str] = field(default_factory=Counter)
    arrived: threading.Condition = field(default_factory=threading.Condition)
    port: int = 0

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        kind = address.partition("-")[0]
        self.asked[address] += 1
        if kind == "gone":
            return f"550 5.1.1 <{address}> no such mailbox"
        if kind == "grey" and self.asked[address] == 1:
            return "451 4.7.1 greylisted, try again"
        if kind == "shut" and self.asked[address] == 1:
            return "421 4.3.2 closing"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        recipient = envelope.rcpt_tos[0]
        kind = recipient.partition("-")[0]
        if kind == "spam":
            return "554 5.7.1 we do not want this"
        if kind != "lost":
            with self.arrived:
                self.taken.append((str(envelope.mail_from), recipient, envelope.original_content or b""))
                self.arrived.notify_all()
        if kind in ("cut", "lost"):
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 ok"

    def wait_for(self, count: int, seconds: float = 60) -> bool:
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.taken) >= count, seconds)

    def copies(self) -> Counter[str]:
        """How many mails each address got."""
        return Counter(recipient for _sender, recipient, _content in self.taken)

    def mail_to(self, recipient: str) -> EmailMessage:
        content = next(content for _sender, to, content in self.taken if to == recipient)
        read = message_from_bytes(content, policy=default)
        assert isinstance(read, EmailMessage)
        return read


@contextmanager
def open_office(office: PostOffice | None = None, port: int = 0) -> Iterator[PostOffice]:
    """The office at work; it can be closed and opened again at the same port."""
    office = office or PostOffice()
    controller = Controller(office, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    office.port = controller.port
    try:
        yield office
    finally:
        controller.stop()


def free_port() -> int:
    """A port that nobody listens on, and that the system gives to no outgoing connection meanwhile."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return 20_000 + probe.getsockname()[1] % 10_000
